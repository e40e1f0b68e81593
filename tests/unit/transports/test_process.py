"""What only a child process does: starting it, its end, and what it says of that."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from pyrum_sync import ConnectionLost, HandshakeError, Rumor, RumorNotFound, SubprocessConn
from pyrum_sync.transports import link as link_module
from pyrum_sync.transports import process
from tests.conftest import HANG, Background

Start = Callable[[Callable[[], object]], Background]


def python(script: str, *args: str) -> list[str]:
    """A child that runs a script."""
    return [sys.executable, "-I", "-S", "-c", "import os, signal, sys, time\n" + script, *args]


# Enough of a Rumor to be greeted, and to hang up on `exit`.
RUMOR = """
import re
for line in sys.stdin:
    hello = re.match(r"_(\\w+) lvl_trace sleep 1ns; echo", line)
    if hello:
        for mark in ("success", "freed"):
            print('{"level":"trace","call_id":"%s","__%s":"true"}' % (hello[1], mark), flush=True)
    else:
"""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less patience than with a real Rumor."""
    monkeypatch.setattr(link_module, "EXIT_TIME", 0.2)
    monkeypatch.setattr(process, "_TERM_TIME", 0.2)


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def gone(pid: int) -> bool:
    """Whether a process ends; it is another's child, so that is seen by looking."""
    end = monotonic() + HANG
    while alive(pid) and monotonic() < end:
        sleep(0.01)
    return not alive(pid)


# -- starting


@pytest.mark.parametrize("cmd", ["", [], ()])
def test_an_empty_command(cmd: Any) -> None:
    with pytest.raises(ValueError, match="cmd is empty"):
        SubprocessConn(cmd)


def test_defaults() -> None:
    assert repr(SubprocessConn()) == "SubprocessConn('rumor bare --level=trace')"
    assert repr(SubprocessConn(cmd=("a", "b"))) == "SubprocessConn(['a', 'b'])"
    assert SubprocessConn().connect_timeout == 120


def test_a_missing_program_as_a_list() -> None:
    conn = SubprocessConn(["no-such-program", "bare"])
    with pytest.raises(RumorNotFound, match=r"no program 'no-such-program'.*install Rumor") as caught:
        conn.open()
    assert isinstance(caught.value, FileNotFoundError)
    conn.close()


@pytest.mark.parametrize(
    "cmd", ["no-such-program bare", "exec no-such-program", "cd / && no-such-program bare; exit 127"]
)
def test_a_missing_program_as_a_string(cmd: str) -> None:
    with pytest.raises(RumorNotFound, match=r"no-such-program.*install Rumor"):
        Rumor(SubprocessConn(cmd))


def test_a_program_that_cannot_be_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HandshakeError, match="cannot reach Rumor at"):
        SubprocessConn([str(tmp_path / "file")]).open()


@pytest.mark.usefixtures("hurried")
def test_a_string_goes_through_the_shell(tmp_path: Path) -> None:
    with SubprocessConn(f"cd {tmp_path} && pwd; echo $((1 + 1)); exec cat") as conn:
        conn.send_line("echoed")
        assert [conn.recv_line() for _ in range(3)] == [str(tmp_path).encode(), b"2", b"echoed"]


def test_a_list_is_executed_as_it_is() -> None:
    with SubprocessConn(python("print(sys.argv[1], flush=True)", "$HOME `x` 'y'")) as conn:
        assert conn.recv_line() == b"$HOME `x` 'y'"


def test_the_pid_is_the_childs() -> None:
    with SubprocessConn(python("print(os.getpid(), os.getsid(0), flush=True); sys.stdin.readline()")) as conn:
        line = conn.recv_line()
        assert line is not None
        assert line.split() == [str(conn.pid).encode()] * 2, "a session of its own: Ctrl-C is not for it"


def test_a_thread_that_cannot_be_started_leaves_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        SubprocessConn(["cat"]).open()


# -- the end that Rumor chooses


def lost(script: str) -> ConnectionLost:
    """How a connection to such a child ends, once it is asked something."""
    conn = SubprocessConn(python(script))
    with pytest.raises(HandshakeError) as caught, Rumor(conn, timeout=HANG):
        pass
    return caught.value


def test_an_exit_status_and_the_last_words() -> None:
    error = lost("print('first', file=sys.stderr); print('reason', file=sys.stderr); sys.exit(3)")
    assert "ended with exit status 3" in str(error)
    assert "first\nreason" in str(error)
    assert (error.exit_status, error.stderr) == (3, "first\nreason")


def test_a_signal() -> None:
    error = lost("os.kill(os.getpid(), signal.SIGKILL)")
    assert "ended by signal 9 (SIGKILL)" in str(error)
    assert (error.exit_status, error.stderr) == (-9, "")


def test_a_panic_shows_its_first_lines() -> None:
    error = lost(
        "print('log\\nlog\\npanic: runtime error: index out of range\\n\\ngoroutine 1:\\n' + 'main.go\\n' * 100,"
        " file=sys.stderr); sys.exit(2)"
    )
    assert "panic: runtime error: index out of range" in str(error)
    assert error.stderr.startswith("panic: ")
    assert len(error.stderr.split("\n")) == 10


def test_last_words_without_a_newline_and_not_in_utf8() -> None:
    error = lost("sys.stderr.buffer.write(b'ok\\n\\xff end'); sys.exit(1)")
    assert error.stderr == "ok\n\ufffd end"


def test_only_the_last_lines_are_kept() -> None:
    error = lost("print('\\n'.join(str(n) for n in range(100_000)), file=sys.stderr); sys.exit(1)")
    assert error.stderr == "\n".join(str(n) for n in range(99_990, 100_000))


def test_what_it_said_instead_of_entries_is_told() -> None:
    error = lost("print('usage: rumor COMMAND', flush=True); sys.exit(1)")
    assert "usage: rumor COMMAND" in str(error)


@pytest.mark.usefixtures("hurried")
def test_a_child_that_closes_its_output() -> None:
    error = lost("os.close(1); time.sleep(60)")
    assert "it closed its output" in str(error)
    assert error.exit_status is None


def test_a_child_that_dies_later() -> None:
    dies = RUMOR + "        print('last words', file=sys.stderr); sys.exit(4)"
    with SubprocessConn(python(dies)) as conn, Rumor(conn, timeout=HANG) as rumor:
        with pytest.raises(ConnectionLost, match="exit status 4") as caught:
            rumor.actor("alice").host.view()
        assert not isinstance(caught.value, HandshakeError)
        assert (caught.value.exit_status, caught.value.stderr) == (4, "last words")


def test_signals_without_a_name() -> None:
    assert process._signal_name(signal.SIGTERM) == "SIGTERM"
    assert process._signal_name(12345) == "unknown"


def test_a_child_that_writes_much_on_stderr_is_not_held_up() -> None:
    with SubprocessConn(python("sys.stderr.write('x' * 10_000_000); print('done', flush=True)")) as conn:
        assert conn.recv_line() == b"done"


# -- the end that we choose


def test_a_child_is_told_exit_and_left_the_time_to_obey(tmp_path: Path) -> None:
    script = "line = sys.stdin.readline(); open(sys.argv[1], 'w').write(line)"
    with SubprocessConn(python(script, str(tmp_path / "heard"))) as conn:
        pid = conn.pid
    assert (tmp_path / "heard").read_text() == "exit\n"
    assert not alive(pid)


@pytest.mark.usefixtures("hurried")
def test_a_child_that_ignores_exit_is_terminated(tmp_path: Path) -> None:
    script = """
signal.signal(signal.SIGTERM, lambda *_: (open(sys.argv[1], "w").write("terminated"), os._exit(0)))
print("ready", flush=True)
while True:
    time.sleep(60)
"""
    with SubprocessConn(python(script, str(tmp_path / "heard"))) as conn:
        assert conn.recv_line() == b"ready"
    assert (tmp_path / "heard").read_text() == "terminated"


STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\nwhile True: time.sleep(60)"


@pytest.mark.usefixtures("hurried")
def test_a_child_that_ignores_all_is_killed() -> None:
    with SubprocessConn(python(STUBBORN)) as conn:
        assert conn.recv_line() == b"ready"
        pid = conn.pid
    assert not alive(pid)


@pytest.mark.usefixtures("hurried")
def test_a_child_that_ignores_all_is_killed_by_a_rumor_too() -> None:
    script = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + RUMOR + "        pass\nwhile True: time.sleep(60)"
    with SubprocessConn(python(script)) as conn, Rumor(conn, timeout=HANG):
        pid = conn.pid
    assert not alive(pid)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("ignore", ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_children_of_the_child_are_ended_too(ignore: str) -> None:
    script = f"""
{ignore}
child = os.fork()
if not child:
    time.sleep(600)
print(child, flush=True)
sys.stdin.readline()
"""
    with SubprocessConn(python(script)) as conn:
        child = int(conn.recv_line() or b"")
        assert alive(child)
    assert gone(child)


@pytest.mark.usefixtures("hurried")
def test_a_program_behind_a_shell_is_ended_too() -> None:
    words = " ".join(f"'{word}'" for word in python("print(os.getpid(), flush=True); time.sleep(600)"))
    with SubprocessConn(f"{words}; true") as conn:
        program = int(conn.recv_line() or b"")
        assert program != conn.pid
    assert gone(program)


def test_a_system_that_does_not_let_signal_zombies(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    with SubprocessConn(["cat"]) as conn:
        conn.send_line("x")
        assert conn.recv_line() == b"x"
        monkeypatch.setattr(os, "killpg", refuse)
        assert conn._end_group(0), "it is running"
        conn._child.stdin.close()  # type: ignore[union-attr]
        conn._child.wait(HANG)
        assert not conn._end_group(0)
        assert conn.recv_line() is None


def test_a_child_that_ended_long_ago() -> None:
    with SubprocessConn(["true"]) as conn:
        assert conn.recv_line() is None
        conn._child.wait(HANG)


def test_writing_to_a_child_that_ended() -> None:
    with SubprocessConn(["true"]) as conn:
        conn._child.wait(HANG)
        with pytest.raises(BrokenPipeError):
            conn.send_line("x")
