"""The commands of ``tool``: Rumor writes what they find without saying for which call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pyrum_sync import CallError, Rumor
from pyrum_sync.protocol.entries import reason
from tests.real.hosts import eventually

pytestmark = pytest.mark.rumor


def test_output_is_a_field(rumor: Rumor) -> None:
    enr = rumor.enr.make(static_ip="127.0.0.1", udp=9010).enr()
    call = rumor.tool.enr_value("ip", enr)
    assert call.stdout() == "127.0.0.1"
    assert call.data["stdout"] == "127.0.0.1"
    assert call.finished()["stdout"] == "127.0.0.1"
    assert rumor.nowait.tool.enr_value("peer_id", enr).stdout() == rumor.enr.view(enr).peer_id()
    with pytest.raises(CallError, match="unrecognized key"):
        rumor.tool.enr_value("no-such-key", enr)


def test_many_at_once(rumor: Rumor) -> None:
    """Each gets its own; scripts that run meanwhile keep theirs."""
    actors = [rumor.actor(f"a{number}") for number in range(12)]
    enrs = [actor.enr.make(static_ip=f"127.0.0.{number}", udp=9).enr() for number, actor in enumerate(actors, 1)]
    found = [actor.nowait.tool.enr_value("ip", enr) for actor, enr in zip(actors, enrs, strict=True)]
    assert [call.stdout() for call in found] == [f"127.0.0.{number}" for number in range(1, 13)]

    def work(number: int) -> str:
        if number % 4 == 0:
            return rumor.shell(f"echo 127.0.0.{number % 12 + 1}").stdout.strip()
        call = rumor.tool.enr_value("ip", enrs[number % 12])
        return str(call.data["stdout"])

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(120))) == [f"127.0.0.{number % 12 + 1}" for number in range(120)]


def test_text_is_not_interpreted(rumor: Rumor) -> None:
    """The line is another one than that of other commands."""
    enr = rumor.enr.make(static_ip="127.0.0.1", udp=9010).enr()
    for text in ("$HOME", "it's", '"', "`ls`", "$(ls)", ")", "a\nb", "\\", "\x80\x81", "-h", "help", "☃", "", '"; )'):
        with pytest.raises(CallError, match="unrecognized key") as caught:
            rumor.tool.enr_value(text, enr)
        assert caught.value.entry is not None
        # as it came: in `.message` what a terminal obeys is escaped
        assert reason(caught.value.entry, "__error") == f"unrecognized key: '{text}'"
    assert eventually(lambda: not rumor.calls)
