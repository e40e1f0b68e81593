"""What arrives, whole or broken."""

from __future__ import annotations

import logging
from contextlib import suppress

import pytest

from pyrum_sync import (
    ConnectionLost,
)
from pyrum_sync.client import reader as reader_module
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start, until


def test_lines_that_are_no_entries_are_reported_and_the_rest_goes_on(
    peer: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        call_id = peer.call()
        peer.data(call_id, n=1)
        peer.send(b'not JSON\n{"half":\n\xff\xfe\n[]\n\n17\n')
        peer.data(call_id, n=2)
        peer.freed_after_success(call_id)
        assert list(call.n) == [1, 2]
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert said == [
        f"not an entry of Rumor, passed over: {line}" for line in ("not JSON", '{"half":', "\\xff\\xfe", "[]", "17")
    ]
    assert {record.name for record in caplog.records} == {"pyrum_sync"}


def test_secrets_in_such_lines_are_masked(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host.start(priv="c0ffee")
        peer.send(b"panic: bad key c0ffee\n")
        peer.freed_after_success(peer.call())
        call.finished()
    assert "bad key ***" in caplog.text
    assert "c0ffee" not in caplog.text


def test_a_long_broken_line_is_shown_in_part(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        peer.send(b"x" * 100_000 + b"\n")
        peer.freed_after_success(peer.call())
        call.finished()
    assert len(caplog.text) < 1000


def test_entries_come_in_any_pieces(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        text = "".join(f'{{"call_id":"{own}","n":{n},"text":"é😀"}}\n' for n in range(50)).encode()
        for at in range(0, len(text), 7):
            peer.send(text[at : at + 7])
        peer.freed_after_success(own)
        assert list(call.n) == list(range(50))


def test_an_entry_of_20_mb(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        sending = background(lambda: peer.data(own, text="x" * 20_000_000))
        assert len(call.text()) == 20_000_000
        sending.value()


def test_a_line_longer_than_the_limit(peer: ScriptedServer) -> None:
    with peer.rumor(max_line=100_000) as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        peer.data(own, n=1)
        assert call.n() == 1
        with suppress(OSError):  # this side may see that the other has gone
            peer.data(own, text="x" * 200_000)
        with pytest.raises(ConnectionLost, match="LineTooLong: a line is longer than max_line = 100000 bytes"):
            call.text()


def test_half_a_line_at_the_end_is_reported(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:
        peer.send(b'{"call_id":"1"')
        peer.hang_up()
        assert until(lambda: rumor._session.cause)
    assert '{"call_id":"1"' in caplog.text


def test_what_came_before_the_end_is_kept(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        peer.data(peer.call(), n=1)
        peer.freed_after_success(call.id)
        peer.hang_up()
        assert until(lambda: rumor._session.cause)
        assert list(call.n) == [1]
        assert call.finished()["n"] == 1
        assert rumor.calls == {}


def test_a_bug_in_here_is_logged_with_its_traceback(
    peer: ScriptedServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()

        def broken(entry: object, size: int) -> int:
            raise ZeroDivisionError(f"{entry} {size}")

        monkeypatch.setattr(rumor._session.demux.calls[call.id], "receive", broken)
        peer.data(call.id, n=1)
        with pytest.raises(ConnectionLost, match="ZeroDivisionError"):
            call.finished()
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in logged] == ["a bug in pyrum_sync ended the thread that reads"]
    assert logged[0].exc_info is not None
    assert "in dispatch" in caplog.text


def test_a_connection_that_breaks_is_no_bug(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        peer.reset()
        with pytest.raises(ConnectionLost):
            call.finished()
    assert not [record for record in caplog.records if record.levelno == logging.ERROR]


def test_a_flood_of_other_lines_is_logged_in_few(
    peer: ScriptedServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(reader_module, "monotonic", lambda: clock[0])
    with peer.rumor() as rumor:
        peer.send(b"y\n" * 100_000)
        peer.send(b"z" * 1000 + b"\n")
        rumor.nowait.host.view()
        call_id = peer.call()
        peer.freed_after_success(call_id)
        assert until(lambda: call_id not in rumor.calls)
        assert len(caplog.messages) == reader_module._FEW
        clock[0] += reader_module._WHILE
        peer.send(b"another while\n")
        assert until(lambda: "another while" in caplog.text)
        peer.send(b"y\n" * 30)
    said = [text for text in caplog.messages if "more lines" in text]
    rest = 100_001 - reader_module._FEW
    assert said == [
        f"{rest} more lines were no entries of Rumor, and passed over",
        f"{31 - reader_module._FEW} more lines were no entries of Rumor, and passed over",
    ]
