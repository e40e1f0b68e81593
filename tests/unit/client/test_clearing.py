"""Making Rumor forget the data of finished calls."""

from __future__ import annotations

import re

import pytest

from pyrum_sync import (
    CallTimeout,
    Rumor,
    RumorClosed,
)
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start, until


def test_the_data_of_finished_calls_is_cleared_after_so_many(peer: ScriptedServer) -> None:
    with peer.rumor(clear_log_data_every=3) as rumor:
        for count in (2, 3, 3):  # the greeting was a call, too
            for _ in range(count):
                rumor.nowait.host["any"]()
                peer.freed_after_success(peer.call())
                assert until(lambda: not rumor.calls)
            assert peer.line() == "clear_log_data"
        assert peer.no_line()


def test_nothing_is_cleared_unasked(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        for _ in range(5):
            calling = background(rumor.host.view)
            peer.freed_after_success(peer.call())
            calling.value()
        assert peer.no_line()


def test_nothing_is_cleared_while_scripts_run(peer: ScriptedServer, background: Start) -> None:
    """They can refer to the calls that they make."""

    def one(rumor: Rumor) -> None:
        rumor.nowait.host["any"]()
        peer.freed_after_success(peer.call())

    with peer.rumor(clear_log_data_every=1) as rumor:
        assert peer.line() == "clear_log_data", "the first call was the greeting's"
        for _ in range(2):
            script = background(lambda: rumor.shell("true"))
            found = re.search(r'echo "(\w+)\."', peer.line() + peer.line())
            assert found
            mark = found[1]
            one(rumor)
            one(rumor)
            assert peer.no_line()
            peer.entry(stdout=f"{mark}>{mark}:{mark}?0\n")
            peer.entry(stdout=f"{mark}.\n")
            script.value()
            assert peer.line() == "clear_log_data"
            assert peer.no_line(), "once"
        with pytest.raises(CallTimeout):
            rumor.shell("true", timeout=0)
        peer.line()
        peer.line()
        one(rumor)
        assert peer.line() == "clear_log_data", "a script whose time is over holds nothing up"


def test_a_script_does_not_overtake_what_is_being_cleared(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        session = rumor._session
        session.clearing._writing = True  # as while the line is written
        with pytest.raises(CallTimeout):
            rumor.shell("true", timeout=0.01)
        script = background(lambda: rumor.shell("true"))
        assert peer.no_line()
        session.clearing._writing = False
        assert "eval" in peer.line()
        rumor.close()
        assert isinstance(script.raised(), RumorClosed)
