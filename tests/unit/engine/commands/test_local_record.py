"""An actor's own record: a new number for each change that was read."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.commands.local_record import LocalRecord

KEY = (1).to_bytes(32, "big")


def test_a_change_that_was_read_has_a_number_of_its_own() -> None:
    local = LocalRecord(KEY)
    assert local.record().seq == 1
    assert local.record() is local.record()
    local.set("tcp", 5)
    local.set("udp", 6)
    assert (local.record().seq, local.record().tcp, local.record().udp) == (2, 5, 6)
    local.set("tcp", 5)
    local.set("quic", None)
    assert local.record().seq == 2
    local.set("tcp", None)
    assert (local.record().seq, local.record().tcp) == (3, None)


def test_it_begins_with_an_address() -> None:
    local = LocalRecord(KEY, static_ip="127.0.0.1", fallback_ip="127.0.0.2", fallback_udp=7)
    assert (local.record().ip, local.record().udp) == ("127.0.0.1", 7)
    local = LocalRecord(KEY, static_ip="::1", fallback_ip="127.0.0.2")
    assert (local.record().ip, local.record().ip6) == ("127.0.0.2", "::1")


def test_an_address_is_of_its_own_version() -> None:
    local = LocalRecord(KEY)
    local.set_ip("127.0.0.1")
    local.set_ip("::1")
    assert (local.record().ip, local.record().ip6) == ("127.0.0.1", "::1")
    local.set_ip(None)
    assert (local.record().ip, local.record().ip6) == (None, None)


def test_one_that_became_too_large() -> None:
    local = LocalRecord(KEY)
    local.set("large", bytes(300))
    with pytest.raises(ValueError, match="300"):
        local.record()
    local.set("large", None)
    assert local.record().seq == 1
