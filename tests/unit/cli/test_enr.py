"""``pyrum-sync enr``."""

from __future__ import annotations

import io
import json

import pytest

from pyrum_sync.cli.main import main
from pyrum_sync.spec.enr import ForkId, Record
from pyrum_sync.spec.networks import NETWORKS

KEY = (1).to_bytes(32, "big")
DIGEST = NETWORKS["mainnet"].fork_digest(411392)
RECORD = Record.make(KEY, ip="127.0.0.1", tcp=9000, eth2=ForkId(DIGEST, b"\6\0\0\0", 2**64 - 1))
OTHER = Record.make((2).to_bytes(32, "big"), seq=7)


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enr", str(RECORD)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert f"peer id            {RECORD.peer_id}" in shown
    assert f"fork digest        0x{DIGEST.hex()} (mainnet, fulu)" in shown
    assert "ip                 127.0.0.1" in shown
    assert "" not in shown


def test_a_record_without_its_scheme_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    bare = str(RECORD).removeprefix("enr:")
    assert bare.startswith("-")
    assert main(["enr", "--json", bare]) == 0
    assert json.loads(capsys.readouterr().out)["enr"] == str(RECORD)


def test_several_are_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enr", str(RECORD), str(OTHER)]) == 0
    assert capsys.readouterr().out.count("\n\n") == 1


def test_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enr", "--json", str(RECORD), str(OTHER)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [json.loads(json.dumps(record.to_dict())) for record in (RECORD, OTHER)]


def test_records_from_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{RECORD}\n{OTHER}\n"))
    assert main(["enr", "--json", "-"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_one_that_is_not_valid_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enr", "--json", "enr:!!", "enr:" + "A" * 60, str(RECORD)]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["peer_id"] == RECORD.peer_id
    assert "'enr:!!': the record is not base64url" in said.err
    assert "A…':" in said.err


def test_none_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enr"]) == 2
    assert "RECORD" in capsys.readouterr().err


def test_a_list_as_networks_publish_theirs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"\ufeff# nodes\n- {RECORD} # 1.2.3.4 | aws\n- '{OTHER}'\n"))
    assert main(["enr", "--json", "-"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
