"""Faults on demand: the form is checked, and each fault strikes."""

from __future__ import annotations

import json
import pathlib
import subprocess
import time
from typing import Any

import pytest

from pyrum_sync.engine import faults
from pyrum_sync.spec import peer_id, secp256k1
from tests.conformance.driver import SIMULATOR, Driver, Entry

ALICE = peer_id.from_secp256k1(secp256k1.public_key(1))
HOSTS = (
    f"alice: host start --nat=false --priv={1:064x}",
    "alice: host listen --ip=127.0.0.1 --tcp=9000",
    f"bob: host start --nat=false --priv={2:064x}",
)
CONNECT = f"_c bob: lvl_trace peer connect /ip4/127.0.0.1/tcp/9000/p2p/{ALICE}"


def driver(tmp_path: pathlib.Path, value: Any) -> Driver:
    """A simulator with these faults."""
    path = tmp_path / "faults.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return Driver(SIMULATOR, f"--faults={path}")


def failures(entries: list[Entry]) -> list[str]:
    return [e["error"] for e in entries if e["msg"] == "failed"]


def test_refuse_connect_skips_strikes_and_ends(tmp_path: pathlib.Path) -> None:
    fault = {"do": "refuse-connect", "actor": "bob", "command": "peer connect", "skip": 1, "times": 2}
    with driver(tmp_path, [fault]) as rumor:
        rumor.do(*HOSTS)
        outcomes = []
        for _ in range(4):
            outcomes.append(failures(rumor.do(CONNECT)))
            rumor.do(f"bob: peer disconnect {ALICE}")
        refused = [
            f"exit status 1: command failed: failed to dial {ALICE}: all dials failed\n"
            "  * [fault] connect: connection refused"
        ]
        assert outcomes == [[], refused, refused, []]
        assert rumor.end() == 0


def test_refuse_connect_of_a_request(tmp_path: pathlib.Path) -> None:
    with driver(tmp_path, [{"do": "refuse-connect", "command": "peer status req"}]) as rumor:
        rumor.do(*HOSTS, CONNECT, "alice: peer status serve")
        first = failures(rumor.do(f"bob: peer status req {ALICE}"))
        assert len(first) == 1
        assert "connection refused" in first[0]
        assert failures(rumor.do(f"bob: peer status req {ALICE}")) == []


def test_no_answer(tmp_path: pathlib.Path) -> None:
    with driver(tmp_path, [{"do": "no-answer", "command": "rpc ping req raw"}]) as rumor:
        rumor.do(*HOSTS, CONNECT, "_l alice: lvl_trace rpc ping listen")
        rumor.do(f"_r bob: lvl_trace rpc ping req raw {ALICE} 0100000000000000", "_r next")
        stopped = rumor.do("_r next 50ms")
        assert failures(stopped) == ["exit status 1: step failed: step request stopped"]
        assert not any("Received a request" in e["msg"] for e in rumor.entries)
        rumor.do("_r cancel")
        rumor.wait(lambda e: e.get("call_id") == "r" and "__freed" in e)
        rumor.do(f"_s bob: lvl_trace rpc ping req raw {ALICE} 0100000000000000")
        rumor.wait(lambda e: e.get("call_id") == "l" and "Received a request" in e["msg"])
        assert rumor.end() == 0


def test_error_chunk(tmp_path: pathlib.Path) -> None:
    with driver(tmp_path, [{"do": "error-chunk", "code": 1, "text": "go <away>", "times": None}]) as rumor:
        rumor.do(*HOSTS, CONNECT)
        entries = rumor.do(
            f"_r bob: lvl_trace rpc status req raw {ALICE} 00",
            "_r next",
            "_r next",
            f"_q bob: lvl_trace peer status req {ALICE}",
        )
        chunk = next(e for e in entries if e["msg"] == "Received chunk")
        assert (chunk["result_code"], chunk["fields.msg"]) == (1, "go <away>")
        assert failures(entries) == ["exit status 1: step failed: got 1 reqresp result code"]
        answer = next(e for e in entries if e["msg"] == "status request non-success")
        assert (answer["code"], answer["fields.msg"]) == (1, "go <away>")


def test_delay_holds_the_command_back(tmp_path: pathlib.Path) -> None:
    with driver(tmp_path, [{"do": "delay", "command": "host view", "seconds": 0.2}]) as rumor:
        rumor.do(*HOSTS)
        start = time.monotonic()
        rumor.do("_v alice: lvl_trace host view")
        assert time.monotonic() - start >= 0.2
        assert any(e.get("call_id") == "v" and "__success" in e for e in rumor.entries)


def test_drop_breaks_off_in_mid_line(tmp_path: pathlib.Path) -> None:
    with driver(tmp_path, [{"do": "drop", "command": "sleep", "actor": "bob"}]) as rumor:
        rumor.do("_a alice: lvl_trace sleep 1ms")
        rumor.send("_b bob: lvl_trace sleep 1ms")
        assert rumor.wait_end() == 1
        assert rumor.tail.startswith(b'{"actor":"bob","call_id":"b",')
        assert not rumor.tail.endswith(b"}")


def test_die(tmp_path: pathlib.Path) -> None:
    with driver(tmp_path, [{"do": "die", "command": "host start", "status": 3}]) as rumor:
        rumor.do("_a sleep 1ms")
        rumor.send("_b host start --nat=false")
        assert rumor.wait_end() == 3
        assert "dies" in rumor.stderr
        assert not any(e.get("call_id") == "b" for e in rumor.entries)


WRONG = [
    ({"do": "die"}, "faults: must be a list"),
    ([1], "faults[0]: must be an object"),
    ([{}], "faults[0].do: must be one of refuse-connect, no-answer, error-chunk, delay, drop, die"),
    ([{"do": "die"}, {"do": "explode"}], "faults[1].do: must be one of"),
    ([{"do": "die", "seconds": 1}], "faults[0].seconds: no such field for die"),
    ([{"do": "die", "actor": 1}], "faults[0].actor: must be a string"),
    ([{"do": "die", "command": ["a"]}], "faults[0].command: must be a string"),
    ([{"do": "die", "skip": -1}], "faults[0].skip: must be a whole number from 0"),
    ([{"do": "die", "times": 1.5}], "faults[0].times: must be a whole number from 0"),
    ([{"do": "die", "times": True}], "faults[0].times: must be a whole number from 0"),
    ([{"do": "die", "status": 256}], "faults[0].status: must be from 0 to 255"),
    ([{"do": "delay"}], "faults[0].seconds: must be a number from 0 to 3600"),
    ([{"do": "delay", "seconds": -1}], "faults[0].seconds: must be a number from 0 to 3600"),
    ([{"do": "error-chunk", "code": 0}], "faults[0].code: must be from 1 to 255"),
    ([{"do": "error-chunk", "text": "é" * 129}], "faults[0].text: must be at most 256 bytes"),
]


@pytest.mark.parametrize(("value", "message"), WRONG)
def test_wrong_faults_name_the_field(value: Any, message: str) -> None:
    with pytest.raises(faults.FaultsError) as caught:
        faults.parse(value)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"), [("[", "not JSON"), ('[{"do": "x"}]', "faults[0].do: must be one of"), (None, "No such file")]
)
def test_a_wrong_file_ends_the_simulator_with_status_2(tmp_path: pathlib.Path, text: str | None, message: str) -> None:
    path = tmp_path / "faults.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    ended = subprocess.run(
        [*SIMULATOR, "bare", f"--faults={path}"], input=b"", capture_output=True, timeout=20, check=False
    )
    assert ended.returncode == 2
    assert str(path) in ended.stderr.decode()
    assert message in ended.stderr.decode()
    assert ended.stdout == b""


def test_no_faults_do_nothing() -> None:
    assert faults.Faults().effects("alice", ["sleep", "1s"]) is faults.NO_EFFECTS
