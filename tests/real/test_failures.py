"""Whatever goes wrong ends in the right exception, at once."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from benchmarks.servers import free_port
from pyrum_sync import (
    Actor,
    CallEnded,
    CallError,
    CallTimeout,
    HandshakeError,
    Rumor,
    RumorError,
    RumorNotFound,
    SubprocessConn,
    TCPConn,
    UnixConn,
    UnknownCommand,
    WebsocketConn,
)
from tests.conftest import HANG
from tests.real.hosts import pair
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor

STRANGER = "16Uiu2HAm9jTVTnbEp1mXDvcd6eUGAtV9ARPUgkxDVysZtBzQUgnN"


# -- calls


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (lambda alice: alice.host.listen(), "Must first initialize Libp2p host. Try 'host start'"),
        (lambda alice: alice.host.start(nat=False, no_such=1), "unknown flag: --no-such"),
        (lambda alice: alice.host.strat(), "command was not recognized"),
        (lambda alice: alice.rpc.status.req.rawest(), "command was not recognized"),
        (lambda alice: alice.gossip.join(), "got 0 arguments, but expected 1, missing required arguments: topic"),
        (lambda alice: alice.host.start(nat="perhaps"), 'invalid argument "perhaps" for "--nat" flag'),
        (lambda alice: alice.sleep("3"), "missing unit in duration"),
    ],
    ids=["failed", "unknown flag", "unknown word", "deeper", "argument missing", "bad flag", "bad value"],
)
def test_call_that_fails(rumor: Rumor, command: Callable[[Actor], Any], message: str) -> None:
    alice = rumor.actor("alice")
    with pytest.raises(CallError) as caught:
        command(alice)
    error = caught.value
    assert message in error.message
    assert error.message in str(error)
    assert error.entry is not None
    assert error.call is not None
    assert error.call.id in str(error)

    with pytest.raises(CallError) as again:  # a later reader gets the same error
        error.call.finished()
    assert again.value.message == error.message
    alice.sleep("1ns")  # and nobody else is harmed


def test_call_that_fails_unwatched(rumor: Rumor) -> None:
    call = rumor.nowait.host.listen()
    with pytest.raises(CallError, match="Must first initialize"):
        call.wait()
    for read in (call.finished, call.addr, lambda: list(call.addr), call.field("data"), lambda: list(call.entries())):
        with pytest.raises(CallError, match="Must first initialize"):
            read()
    call.cancel()  # over already


def test_unknown_first_word_is_never_sent(rumor: Rumor, tmp_path: Path) -> None:
    """Rumor would run it as a program of the operating system."""
    trap = tmp_path / "trap"
    alice: Any = rumor.actor("alice")
    with pytest.raises(UnknownCommand, match="'touch'"):
        alice.touch(trap)
    with pytest.raises(UnknownCommand, match="did you mean 'host'"):
        alice.nowait.hots.start()
    with pytest.raises(UnknownCommand):
        alice[str(trap)]
    assert not hasattr(alice, "touch")
    assert hasattr(alice, "host")
    assert not trap.exists()


def test_field_that_never_comes(rumor: Rumor) -> None:
    call = rumor.sleep("1ns")
    with pytest.raises(CallEnded, match="msg"):  # names what there is
        call.field("addr")()
    assert list(call.field("addr")) == []
    with pytest.raises(AttributeError, match="addr"):  # no entry of this command has it
        call.addr()  # type: ignore[attr-defined]


def test_set_up_that_takes_too_long(rumor: Rumor) -> None:
    """The call is cancelled, which Rumor can do only when the command is over; nobody waits for that."""
    begun = monotonic()
    with pytest.raises(CallTimeout, match=r"0\.2 s") as caught:
        rumor.within(0.2).sleep("1s")
    assert monotonic() - begun < 1
    call = caught.value.call
    assert call is not None
    assert call.id in rumor.calls
    with pytest.raises(CallTimeout):
        call.wait(timeout=0)
    assert call.finished()["msg"] == "done sleeping!"


# -- steps


def test_step_that_does_not_come_in_time_is_the_next_ones(rumor: Rumor) -> None:
    alice, bob = pair(rumor)
    with alice.actor.rpc.status.listen(raw=True) as listener:
        for limit in (0, 0.05, 0.1):
            with pytest.raises(CallTimeout) as caught:
                listener.next(timeout=limit)
            assert caught.value.call is listener
        bob.actor.rpc.status.req.raw(alice.peer_id, b"\x01" * 84, raw=True)
        assert listener.next()["data"] == "01" * 84
        with pytest.raises(CallTimeout):
            listener.next(timeout=0.05)
        bob.actor.rpc.status.req.raw(alice.peer_id, b"\x02" * 84, raw=True)
        assert listener.next()["data"] == "02" * 84


def test_peer_without_the_protocol(rumor: Rumor) -> None:
    alice, bob = pair(rumor)
    call = alice.actor.rpc.status.req.raw(bob.peer_id, bytes(84), raw=True)
    with pytest.raises(CallError) as caught:
        list(call)
    assert caught.value.message == "protocol not supported"
    assert caught.value.entry is not None
    assert caught.value.entry["msg"] == "failed to make request"
    with pytest.raises(CallError, match="protocol not supported"):
        call.next()
    with pytest.raises(CallError, match="protocol not supported"):
        call.finished()


@pytest.mark.parametrize("read", ["next", "steps", "finished", "field", "fields", "entries"])
def test_peer_that_cannot_be_reached(rumor: Rumor, read: str) -> None:
    alice = rumor.actor("alice")
    alice.host.start(nat=False)
    call = alice.rpc.status.req.raw(STRANGER, bytes(84))
    readers: dict[str, Callable[[], object]] = {
        "next": call.next,
        "steps": lambda: list(call),
        "finished": call.finished,
        "field": call.chunk_index,
        "fields": lambda: list(call.chunk_index),
        "entries": lambda: list(call.entries()),
    }
    with pytest.raises(CallError, match="no addresses"):
        readers[read]()
    call.cancel()
    assert call.done


def test_command_without_steps(rumor: Rumor) -> None:
    call = rumor.nowait.sleep("1ns")
    with pytest.raises(CallError, match=r"entries\(\)"):
        call.next()
    with pytest.raises(CallError, match=r"entries\(\)"):
        list(call)


# -- connections


@pytest.mark.parametrize("cmd", [["/no/such/rumor"], ["no-such-rumor", "bare"]])
def test_missing_program(cmd: list[str]) -> None:
    with pytest.raises(RumorNotFound, match=r"github\.com/protolambda/rumor") as caught:
        Rumor(SubprocessConn(cmd))
    assert isinstance(caught.value, FileNotFoundError)
    assert "SimulatorConn" in str(caught.value)


@pytest.mark.parametrize("cmd", ["no-such-rumor bare --level=trace", "cd / && ./no-such-rumor bare"])
def test_missing_program_in_the_shell(cmd: str) -> None:
    with pytest.raises(RumorNotFound, match="no-such-rumor"):
        Rumor(SubprocessConn(cmd))


def test_folder_that_is_not_there() -> None:
    begun = monotonic()
    with pytest.raises(HandshakeError, match="no-such-folder") as caught:
        Rumor(SubprocessConn("cd /no-such-folder && ./rumor bare --level=trace"))
    assert monotonic() - begun < HANG
    assert caught.value.exit_status not in (None, 0)
    assert "no-such-folder" in caught.value.stderr


def test_program_that_is_no_program(tmp_path: Path) -> None:
    file = tmp_path / "rumor"
    file.write_text("no program")
    for cmd in ([str(file), "bare"], f"{file} bare", [str(tmp_path)]):
        with pytest.raises(RumorError):
            Rumor(SubprocessConn(cmd))


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", None])
def test_rumor_below_trace_level(rumor_path: str, level: str | None) -> None:
    options = [] if level is None else [f"--level={level}"]
    begun = monotonic()
    with pytest.raises(HandshakeError, match="--level=trace"):
        Rumor(SubprocessConn([rumor_path, "bare", *options]))
    assert monotonic() - begun < 10


@pytest.mark.parametrize(
    "cmd",
    [
        ["cat"],
        ["true"],
        ["false"],
        ["sh"],
        ["sh", "-i"],
        "echo 'I am a program'; cat > /dev/null",
        [sys.executable, "-c", "import sys; sys.exit('nothing to do')"],
        "{rumor} help",
        "{rumor} bare --no-such-flag",
    ],
)
def test_something_that_is_no_rumor(rumor_path: str, cmd: str | list[str]) -> None:
    if isinstance(cmd, str):
        cmd = cmd.replace("{rumor}", shlex.quote(rumor_path))
    begun = monotonic()
    with pytest.raises(HandshakeError):
        Rumor(SubprocessConn(cmd, connect_timeout=2))
    assert monotonic() - begun < HANG


@pytest.mark.parametrize("key", ["", "a wrong one"])
def test_wrong_key(server: RumorServer, key: str) -> None:
    with pytest.raises(HandshakeError, match="ws_key") as caught:
        Rumor(server.ws(key))
    assert RumorServer.KEY not in str(caught.value)


def test_wrong_ports(own_server: RumorServer) -> None:
    """Lines to the websocket's port, a websocket to the port for lines, and a path that is none."""
    with pytest.raises(HandshakeError):
        Rumor(TCPConn("127.0.0.1", own_server.http_port, connect_timeout=2))
    with pytest.raises(HandshakeError, match="404"):
        Rumor(WebsocketConn(f"ws://127.0.0.1:{own_server.http_port}/", RumorServer.KEY))
    with pytest.raises(HandshakeError):
        Rumor(WebsocketConn(f"ws://127.0.0.1:{own_server.tcp_port}/ws", RumorServer.KEY, connect_timeout=2))


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(HandshakeError, match="refused"):
        Rumor(TCPConn("127.0.0.1", free_port()))
    with pytest.raises(HandshakeError, match="No such file"):
        Rumor(UnixConn(str(tmp_path / "none")))
