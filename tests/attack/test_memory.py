"""What is over takes no memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

from ..conftest import Background
from ..peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


def test_a_call_that_is_over_goes_without_the_garbage_collector(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        gc.collect()
        gc.disable()
        try:
            call = rumor.actor("alice").nowait.sleep("1s")
            call_id = peer.call()
            peer.success(call_id)
            peer.freed(call_id)
            call.finished()
            gone = weakref.ref(call)
            del call
            assert gone() is None
        finally:
            gc.enable()
