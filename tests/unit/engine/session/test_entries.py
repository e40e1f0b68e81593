"""Entries: their keys, their escapes, their time, and the level that hides them."""

from __future__ import annotations

import json

from pyrum_sync.engine.session.entries import Log, encode, timestamp
from pyrum_sync.engine.session.levels import Level


def test_fields_that_an_entry_has_itself_are_renamed_and_html_is_escaped() -> None:
    line = encode(Level.INFO, "m", {"msg": "x", "level": 1, "time": 2, "a": "<&>\u2028"}).decode()
    assert line.startswith('{"a":"\\u003c\\u0026\\u003e\\u2028","fields.level":1,"fields.msg":"x","fields.time":2,')
    assert line.endswith("\n")
    assert json.loads(line)["a"] == "<&>\u2028"


def test_a_log_shows_what_its_level_lets_pass() -> None:
    written: list[bytes] = []
    log = Log(written.append, Level.INFO)
    log.log(Level.DEBUG, "hidden")
    log.log(Level.INFO, "shown")
    assert len(written) == 1
    log.level = Level.PANIC
    log.announce("whatever the level", {"engine": "x"})
    assert len(written) == 2


def test_a_cut_entry_breaks_off_and_hangs_up() -> None:
    written: list[bytes] = []
    hung_up: list[bool] = []
    log = Log(written.append, hang_up=lambda: hung_up.append(True))
    log.log(Level.INFO, "cut", cut=True)
    assert written[0].startswith(b'{"level":"info"')
    assert not written[0].endswith(b"\n")
    assert hung_up == [True]


def test_a_time_has_no_zeros_at_its_end() -> None:
    assert timestamp(1_000_000_000)[19:20] in "Z+-"
    assert timestamp(1_500_000_000)[19:21] == ".5"
    assert timestamp(1_000_000_001)[19:29] == ".000000001"
