"""An other side that is there, but says nothing, says it slowly, says too much, or does not listen."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

from pyrum_sync import CallTimeout, DataLost, HandshakeError, Rumor, SubprocessConn, WebsocketConn
from tests.attack.faults import LIMIT, MOMENTS, SCRIPTED, WAYS, ProcessStage, ScriptedStage, Stage, stage, waiting
from tests.conftest import HANG, Background
from tests.support.peers import SUCCESS, ScriptedServer, data

Start = Callable[[Callable[[], object]], Background]
Place = Callable[[str], Stage]


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A client and its other side, which the test plays."""
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    for name in ("link.BUSY_TIME", "link.EXIT_TIME", "process._TERM_TIME"):
        monkeypatch.setattr(f"pyrum_sync.transports.{name}", 0.3)

    def place(way: str) -> Stage:
        certificate: Path | None = request.getfixturevalue("certificate") if way == "wss" else None
        return stage(way, "", folder=tmp_path, certificate=certificate)

    return place


@contextmanager
def taking(least: float, most: float = LIMIT) -> Iterator[None]:
    """It takes so many seconds, and not `most` more."""
    start = monotonic()
    yield
    assert least <= monotonic() - start < least + most


def with_a_limit(place: Stage) -> list[str]:
    """The moments that end at the Rumor's time limit."""
    place.limit, place.max_line = 1.5, 1 << 28  # Rumor says long lines again
    return [name for name, moment in MOMENTS.items() if not (moment.alone or name == "eth2.ping")]


def wait_in_vain(place: Stage, names: list[str]) -> None:
    """Wait at all these moments, and see each end at its own deadline."""
    work = {name: MOMENTS[name].prepare(place) for name in names}
    place.silence()
    for name, thread in waiting(place, work).items():
        thread.join(HANG)
        leaving = name == "leaving a call's block"
        limit = 1.0 if leaving else place.limit
        assert limit is not None
        assert type(thread.error) is (type(None) if leaving else CallTimeout), f"{name}: {thread.error!r}"
        assert limit <= thread.at - thread.began < limit + LIMIT, name


@pytest.mark.parametrize("way", WAYS)
def test_each_wait_ends_at_its_own_deadline_and_the_connection_goes_on(place: Place, way: str) -> None:
    with place(way) as there:
        names = with_a_limit(there)
        there.use()
        listener = there.listener()
        with pytest.raises(CallTimeout):
            listener.next(timeout=0)
        wait_in_vain(there, names)
        there.recovery()
        there.goes_on()
        assert not any(record.waiters for record in there.rumor._session.demux.calls.values())
        if isinstance(there, ScriptedStage):
            there.server.data(listener.id, msg="Received request, queued it to respond to!", req_id=7)
            there.server.step(listener.id)
            assert listener.next(timeout=HANG)["req_id"] == 7, "nothing is lost by it"


@pytest.mark.rumor
def test_a_real_rumor_that_is_stopped_and_goes_on(rumor_path: str) -> None:
    with ProcessStage(SubprocessConn([rumor_path, "bare", "--level=trace"])) as there:
        names = with_a_limit(there)
        there.use()
        wait_in_vain(there, names)
        there.recovery()
        there.goes_on()


@pytest.mark.parametrize("way", WAYS)
def test_closing_to_silence_is_bounded(place: Place, way: str) -> None:
    with place(way) as there:
        there.use()
        there.listener()
        if isinstance(there, ScriptedStage):
            there.server.obeys = False
        there.silence()
        with taking(0.3, 0.3 + LIMIT):  # told to end, then made to
            there.rumor.close()


@pytest.mark.parametrize("way", SCRIPTED)
def test_closing_to_a_side_that_does_not_read_is_bounded(place: Place, way: str) -> None:
    with place(way) as there:
        there.use()
        write = MOMENTS["writing a long line"].prepare(there)
        waiting(there, {"writing a long line": write})
        with taking(0, 4 * 0.3 + LIMIT):
            there.rumor.close()


@pytest.mark.parametrize("way", WAYS)
def test_opening_to_silence_is_bounded(way: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if way == "simulator":
        conn = SubprocessConn(["sleep", "1h"], connect_timeout=0.5)
        with taking(0.5, LIMIT + 1), pytest.raises(HandshakeError, match=r"within 0\.5 s"):
            Rumor(conn)
        return
    certificate: Path | None = request.getfixturevalue("certificate") if way == "wss" else None
    with stage(way, "", folder=tmp_path, certificate=certificate, greet=False) as there:
        assert isinstance(there, ScriptedStage)
        conn = there.server.conn()
        conn.connect_timeout = 0.5
        with taking(0.5, LIMIT + 1), pytest.raises(HandshakeError, match=r"within 0\.5 s"):
            Rumor(conn)


# -- one byte at a time


class Dripping(threading.Thread):
    """Gives bytes one by one until it is told to stop, then what is left in one go; ends if nobody takes them."""

    def __init__(self, give: Callable[[bytes], object], stream: bytes, pause: float = 0.02) -> None:
        super().__init__(daemon=True)
        self._give, self._stream, self._pause = give, stream, pause
        self._enough = threading.Event()
        self.given = 0

    def run(self) -> None:
        with suppress(OSError):
            self._drip()

    def _drip(self) -> None:
        for number, byte in enumerate(self._stream):
            if self._enough.wait(self._pause):
                self._give(self._stream[number:])
                return
            self._give(bytes([byte]))
            self.given += 1

    def __enter__(self) -> Dripping:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join(HANG)
        assert not self.is_alive()


@pytest.mark.parametrize("way", SCRIPTED)
def test_an_entry_that_drips(place: Place, way: str) -> None:
    with place(way) as there:
        there.use()
        call = there.starting()
        assert isinstance(there, ScriptedStage)
        with Dripping(there.server.send, data(call.id, n=1) + data(call.id, **SUCCESS)) as drip:
            with taking(0.4), pytest.raises(CallTimeout):
                call.wait(timeout=0.4)
            with taking(0), pytest.raises(CallTimeout):
                call.field("n")(timeout=0.0)
            assert 0 < drip.given < 100
        assert call.wait(timeout=HANG)["n"] == 1
        assert call.field("n")(timeout=HANG) == 1
        there.goes_on()


@pytest.mark.parametrize("way", ["ws", "wss"])
def test_a_frame_that_drips(place: Place, way: str) -> None:
    from tests.support.peers import frame

    with place(way) as there:
        there.use()
        call = there.starting()
        assert isinstance(there, ScriptedStage)
        with Dripping(there.server.send_raw, frame(data(call.id, **SUCCESS))) as drip:
            with taking(0.4), pytest.raises(CallTimeout):
                call.wait(timeout=0.4)
            assert 0 < drip.given < 100
        call.wait(timeout=HANG)


def test_a_greeting_that_drips() -> None:
    with (
        ScriptedServer(greet=False) as server,
        Dripping(server.send, b"{}\n" * 100),
        taking(0.5, LIMIT + 1),
        pytest.raises(HandshakeError, match=r"within 0\.5 s"),
    ):
        Rumor(server.conn(connect_timeout=0.5))


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_websocket_that_opens_in_drips(scheme: str) -> None:
    answer = b"HTTP/1.1 101 Switching Protocols\r\nX-Long: " + b"x" * 1000
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            client, _ = listener.accept()
            head = b"" if scheme == "ws" else b"\x16\x03\x03\x03\xe8"
            with client, Dripping(client.sendall, head + answer), suppress(OSError):
                while client.recv(1 << 16):
                    pass

        dripping = Background(drip)
        conn = WebsocketConn(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/ws", connect_timeout=0.5)
        with taking(0.5), pytest.raises(HandshakeError, match=r"no answer within 0\.5 s"):
            conn.open()
        dripping.value()


# -- a side that does not read


def test_a_hundred_megabytes_to_a_side_that_does_not_read(peer: ScriptedServer) -> None:
    long = "x" * 100_000_000
    with peer.rumor() as rumor:
        listener = rumor.nowait.rpc.status.listen()
        peer.success(peer.call())
        listener.wait()
        peer.reading.clear()
        with taking(0.3, HANG), pytest.raises(CallTimeout) as caught:  # making the line takes a while, too
            rumor.within(0.3).peer.connect(long)
        begun = caught.value.call
        assert begun is not None
        for timeout in (0.0, 0.2):
            with taking(timeout), pytest.raises(CallTimeout):
                listener.next(timeout=timeout)
            with taking(timeout), pytest.raises(CallTimeout):
                rumor.shell("true", timeout=timeout)
        peer.data(listener.id, n=1)
        assert listener.field("n")(timeout=HANG) == 1, "it can still speak"
        peer.reading.set()
        line = peer.line(HANG)
        assert len(line) == len(begun.command)
        assert line == begun.command
        peer.success(begun.id)
        begun.wait()


# -- too much


@pytest.mark.parametrize("way", SCRIPTED)
def test_a_flood_in_one_call_disturbs_no_other(place: Place, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with place(way) as there:
        assert isinstance(there, ScriptedStage)
        server = there.server
        monkeypatch.setattr(there, "open", lambda: Rumor(server.conn(), max_unread=1000, max_unread_bytes=1 << 20))
        there.use()
        flooded, quiet = there.starting(), there.starting()
        flood = data(flooded.id, text="x" * 100) * 400
        for number in range(10):
            server.send(flood + data(quiet.id, n=number))
            call = there.starting()
            server.send(flood[: len(flood) // 2] + data(call.id, n=number) + data(call.id, **SUCCESS))
            assert call.wait(timeout=HANG)["n"] == number
        assert [quiet.field("n")(timeout=HANG) for _ in range(10)] == list(range(10))
        entries = flooded.entries(timeout=HANG)
        with pytest.raises(DataLost) as caught:
            next(entries)
        assert 10 * 600 - 1000 <= caught.value.count < 10 * 600
        assert next(flooded.entries(timeout=HANG))["text"] == "x" * 100
        there.goes_on()
