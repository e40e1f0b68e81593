"""The end of the process, forks, and a Rumor that nobody holds."""

from __future__ import annotations

import gc
import signal
import subprocess
import threading

import pytest

from tests.conftest import HANG
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import script, until


def test_a_script_that_ends_without_closing_says_exit(peer: ScriptedServer) -> None:
    done = script("    rumor = Rumor(conn)\n", peer)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert peer.line() == "exit"


def test_a_script_that_fails_without_closing_says_exit(peer: ScriptedServer) -> None:
    done = script("    rumor = Rumor(conn)\n        1 / 0\n", peer)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert peer.line() == "exit"


def test_a_connection_that_a_script_forgets_says_exit(peer: ScriptedServer) -> None:
    done = script("    conn.open()\n", peer)
    assert (done.returncode, done.stderr) == (0, "")
    assert peer.line() == "exit"


def test_a_script_that_is_interrupted_says_exit(peer: ScriptedServer) -> None:
    done = script(
        "    rumor = Rumor(conn)\n"
        "        call = rumor.nowait.host['any']()\n"
        "        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "        call.wait()\n",
        peer,
    )
    assert done.returncode == -signal.SIGINT
    assert done.stderr.endswith("KeyboardInterrupt\n")
    peer.call()
    assert peer.line() == "exit"


def test_a_forked_child_uses_nothing_of_its_parents(peer: ScriptedServer) -> None:
    text = """
        import warnings
        warnings.simplefilter("ignore")  # of Python, about threads and forks
        pyrum_sync.client.keeper._GOODBYE_TIME = 10.0
        with Rumor(conn) as rumor:
            call = rumor.nowait.rpc.status.listen()
            child = os.fork()
            if not child:
                uses = [
                    rumor.host.view, call.wait, call.finished, call.cancel, call.next, call.field("addr"),
                    lambda: rumor.shell("true"), lambda: rumor.attach("py_0"), rumor.actor("alice").kill,
                    rumor.actor("alice").calls, lambda: conn.send_line("x"), conn.recv_line, conn.open,
                    lambda: next(call.entries()),
                ]
                wrong = []
                for number, use in enumerate(uses):
                    try:
                        use()
                        wrong.append(number)
                    except RumorError as error:
                        if isinstance(error, ConnectionLost) or "fork" not in str(error):
                            wrong.append(error)
                with rumor:
                    pass
                conn.__exit__(None, None, None)
                rumor.close()
                conn.close()
                print(wrong, flush=True)
                os._exit(bool(wrong))
            _, status = os.waitpid(child, 0)
            print("child", status, flush=True)
            rumor.host["any"]()
            print("parent", flush=True)
    """
    found: list[subprocess.CompletedProcess[str]] = []
    running = threading.Thread(target=lambda: found.append(script(text, peer)))
    running.start()
    listener = peer.call()
    peer.success(listener)
    call_id = peer.call()
    peer.freed_after_success(call_id)
    assert peer.line() == f"_{listener} cancel &"
    peer.freed(listener)
    assert peer.line() == "exit"
    running.join(HANG)
    assert found[0].stdout == "[]\nchild 0\nparent\n", found[0].stderr


def test_a_rumor_that_nobody_holds_is_closed_with_a_warning(peer: ScriptedServer) -> None:

    def forget() -> None:
        peer.rumor().actor("alice")

    forget()
    with pytest.warns(ResourceWarning, match="unclosed Rumor"):
        gc.collect()
    assert peer.line() == "exit"
    assert until(lambda: not [t for t in threading.enumerate() if t.name.startswith("pyrum_sync")])
