"""A forked child, which has a copy of everything but the threads."""

from __future__ import annotations

import os
import threading
import traceback
import warnings
from collections.abc import Callable

import pytest

from pyrum_sync import RumorError
from tests.conftest import HANG, Background
from tests.support.peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


def _in_child(work: Callable[[], None]) -> int:
    """The exit status of a forked child that did this."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads: that is what is tested
        child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    reaper = Background(lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    reaper.join(5)
    if reaper.is_alive():
        os.kill(child, 9)
    status_of_child = reaper.value()
    assert isinstance(status_of_child, int)
    return status_of_child


def test_a_fork_while_another_thread_holds_the_lock(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor(keep_calls=True) as rumor:
        call = rumor.actor("alice").nowait.sleep("1s")
        held, gate = threading.Event(), threading.Event()

        def hold() -> None:
            with rumor._session.demux.lock:
                held.set()
                gate.wait(HANG)

        holder = background(hold)
        held.wait(HANG)

        def child() -> None:
            for use in (call.wait, call.cancel, call.finished):
                with pytest.raises(RumorError, match="parent"):
                    use()

        assert _in_child(child) == 0
        gate.set()
        holder.value()


def test_leaving_a_call_in_a_forked_child(peer: ScriptedServer) -> None:
    with peer.rumor(keep_calls=True) as rumor:
        call = rumor.actor("alice").nowait.sleep("1s")

        def child() -> None:
            with call:
                pass

        assert _in_child(child) == 0
