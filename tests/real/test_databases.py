"""Blocks and states in Rumor's databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrum_sync import CallError, Rumor

pytestmark = pytest.mark.rumor


def offset(where: int) -> bytes:
    return where.to_bytes(4, "little")


def signed_block(slot: int) -> bytes:
    """An empty SignedBeaconBlock of phase 0, as SSZ."""
    body = bytes(96 + 72 + 32) + 5 * offset(220)
    message = slot.to_bytes(8, "little") + bytes(8) + b"\x01" * 32 + b"\x02" * 32 + offset(84) + body
    return offset(100) + b"\x03" * 96 + message


def state(slot: int) -> bytes:
    """An empty BeaconState of phase 0, as SSZ: 2.7 MB."""
    end = offset(2_687_377)
    head = bytes(8 + 32) + slot.to_bytes(8, "little") + bytes(16 + 112 + 2 * 8192 * 32)
    votes = end + bytes(72) + end + bytes(8)
    rest = end + end + bytes(65536 * 32 + 8192 * 8) + end + end + bytes(1 + 3 * 40)
    return head + votes + rest


def test_blocks(rumor: Rumor, tmp_path: Path) -> None:
    alice = rumor.actor("alice")
    assert alice.blocks.list().data["dbs"] == []
    folder = tmp_path / "blocks"
    folder.mkdir()
    alice.blocks.create("my db", folder)  # the new one becomes the current one
    assert alice.blocks.list().data == {
        "msg": "Current DB",
        "dbs": ["my db"],
        "current": "my db",
        "path": str(folder),
    }

    block = signed_block(7)
    source = tmp_path / "block of the test.ssz"
    source.write_bytes(block)
    assert alice.blocks.db.import_(input=source).existed() is False
    (root,) = alice.blocks.on["my db"].list().block_roots()
    assert alice.blocks.db.get(root).block()["slot"] == 7
    assert bytes.fromhex(alice.blocks.db.export(root).field("data")()) == block
    copy = tmp_path / "copy.ssz"
    alice.blocks.db.export(root, output=copy)
    assert copy.read_bytes() == block
    assert alice.blocks.db.rm(root).existed() is True
    assert alice.blocks.on["my db"].list().block_roots() == []
    assert alice.blocks.db.rm(root).existed() is False


def test_databases_are_switched_and_removed(rumor: Rumor) -> None:
    alice, bob = rumor.actor("alice"), rumor.actor("bob")
    for kind in ("blocks", "states"):
        mine, his = alice[kind], bob[kind]
        mine.create("one")
        mine.create("two")
        assert mine.list().current() == "two"
        switched = mine.switch("one").data
        assert (switched["from"], switched["to"]) == ("two", "one")
        assert mine.list().current() == "one"
        assert sorted(his.list().dbs()) == ["one", "two"]  # shared between actors,
        assert his.list().current() == ""  # while each has a current one of its own

        assert mine.rm("one").data == {"existed": True, "name": "one", "msg": "removed DB"}
        assert mine.rm("one").existed() is False
        assert his.list().dbs() == ["two"]
        with pytest.raises(CallError, match="current DB not available"):
            mine.db.list()
        with pytest.raises(CallError, match="db already existed"):
            mine.create("two")
        with pytest.raises(CallError, match="not available"):
            mine.on["no such"].list()


def test_states(rumor: Rumor, tmp_path: Path) -> None:
    alice = rumor.actor("alice")
    alice.states.create("my states")
    first, second = state(1), state(2)
    source = tmp_path / "state.ssz"
    source.write_bytes(first)
    imported = alice.states.db.import_(input=source).data
    assert imported["existed"] is False
    roots = [imported["root"], alice.states.db.import_(data=second).root()]  # a line of 5 MB
    assert sorted(alice.states.on["my states"].list().state_roots()) == sorted(roots)
    assert bytes.fromhex(alice.states.db.export(roots[1]).field("data")()) == second
    assert alice.states.db.get(roots[0]).state()["slot"] == 1
    assert alice.states.db.rm(roots[0]).existed() is True
    assert alice.states.on["my states"].list().state_roots() == [roots[1]]


def test_a_command_that_kills_rumor_is_no_success(rumor: Rumor) -> None:
    """Rumor frees the call on its way down, without a word of how it ended."""
    rumor.blocks.create("db")
    with pytest.raises((CallError, ConnectionError)):
        rumor.blocks.db.import_(data=signed_block(7))  # takes files only: a panic in Rumor
    with pytest.raises(ConnectionError, match="exit status 2") as caught:
        rumor.sleep("1ns")
    assert "panic: " in str(caught.value)
