"""What a probe found out, as a value: its fields, what follows from them, and how it travels."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from pyrum_sync.probing import DONE, PeerReport
from pyrum_sync.spec.containers import MetaData, MetaDataV3, Status, StatusV2
from pyrum_sync.spec.enr import ForkId, Record
from pyrum_sync.spec.network import Network
from pyrum_sync.spec.networks import NETWORKS

MAINNET = NETWORKS["mainnet"]
GENESIS = MAINNET.genesis_time or 0
FULU = MAINNET.fork_digest(411392)
ADDR = "/ip4/127.0.0.1/tcp/9000/p2p/16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc"


def record(**values: object) -> Record:
    return Record.make(b"\1" * 32, ip="127.0.0.1", tcp=9000, **values)  # type: ignore[arg-type]


def full() -> PeerReport:
    """A report with everything in it."""
    return PeerReport(
        ADDR, "16Uiu2HAm", "Lighthouse/v8.0.0-abc/x86_64-linux", ["/a", "/b"],
        StatusV2(fork_digest=FULU, finalized_epoch=9, head_root=b"\2" * 32, head_slot=100, earliest_available_slot=7),
        MetaDataV3(seq_number=3, attnets=[True] + [False] * 63, syncnets=[True] * 4, custody_group_count=4),
        {"connect": 0.5, "ping": 0.0421}, DONE, None,
        enr=record(eth2=ForkId(b"\1\2\3\4", bytes(4), 5)), goodbye=2, asked_at=GENESIS + 12 * 103 + 5.5,
    )  # fmt: skip


def test_an_empty_one() -> None:
    report = PeerReport("x")
    assert (report.addr, report.peer_id, report.agent, report.protocols) == ("x", None, None, [])
    assert (report.status, report.metadata, report.rtt, report.stage, report.error) == (None, None, {}, "start", None)
    assert (report.enr, report.goodbye, report.goodbye_text, report.network, report.fork) == (None,) * 5
    assert (report.fork_digest, report.head_age, report.custody_groups, report.asked_at) == (None,) * 4
    assert report.ok


def test_what_it_is_made_from_is_not_shared() -> None:
    protocols, rtt = ["/a"], {"ping": 1.0}
    report = PeerReport("x", protocols=protocols, rtt=rtt)
    protocols.clear()
    rtt.clear()
    assert (report.protocols, report.rtt) == (["/a"], {"ping": 1.0})


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda report: pickle.loads(pickle.dumps(report))])
@pytest.mark.parametrize("make", [full, lambda: PeerReport("x", status=Status(head_slot=1), metadata=MetaData())])
def test_it_pickles_and_copies(make: object, travel: object) -> None:
    report = make()  # type: ignore[operator]
    there = travel(report)  # type: ignore[operator]
    assert there is not report
    assert there == report
    assert type(there.status) is type(report.status)
    assert there.to_dict() == report.to_dict()
    there.error = "another"
    assert there != report


def test_a_pickle_is_small() -> None:
    assert len(pickle.dumps(full())) < 1500  # the views alone would take 3 kB


def test_it_compares() -> None:
    assert full() == full()
    assert full() != PeerReport(ADDR)
    assert full() != 1
    with pytest.raises(TypeError):
        hash(full())
    for name, value in (("agent", "x"), ("goodbye", 3), ("asked_at", 1.0), ("rtt", {}), ("enr", None)):
        changed = full()
        setattr(changed, name, value)
        assert changed != full(), name


def test_the_network_and_fork_of_its_status_else_of_its_record() -> None:
    report = full()
    assert (report.fork_digest, report.network, report.fork) == (FULU, "mainnet", "fulu")
    report.status = None
    assert (report.fork_digest, report.network, report.fork) == (b"\1\2\3\4", None, None)
    report.enr = record(eth2=ForkId(NETWORKS["hoodi"].fork_digest(2048), bytes(4), 5))
    assert (report.network, report.fork) == ("hoodi", "electra")
    report.enr = record()
    assert (report.fork_digest, report.network) == (None, None)


def test_a_network_of_its_own_names_its_forks() -> None:
    own = Network.from_config(
        {"CONFIG_NAME": "mine", "GENESIS_FORK_VERSION": "0x01020304", "SECONDS_PER_SLOT": 2},
        genesis_validators_root=b"\7" * 32, genesis_time=1000,
    )  # fmt: skip
    status = Status(fork_digest=own.fork_digest(0), head_slot=40)
    report = PeerReport(ADDR, status=status, asked_at=1100.5, network=own)
    assert (report.network, report.fork, report.head_age) == ("mine", "phase0", 10)
    assert pickle.loads(pickle.dumps(report)).network == "mine"
    assert PeerReport(ADDR, status=status, asked_at=1100.5).head_age is None


@pytest.mark.parametrize(("slots", "age"), [(100, 0), (100.99, 0), (101, 1), (99.5, -1)])
def test_the_age_of_its_head(slots: float, age: int) -> None:
    report = full()
    report.asked_at = GENESIS + slots * 12
    assert report.head_age == age


def test_custody_groups_of_its_metadata_else_of_its_record() -> None:
    assert full().custody_groups == 4
    assert PeerReport(ADDR, metadata=MetaData(), enr=record()).custody_groups is None
    assert PeerReport(ADDR, metadata=MetaData(), enr=record(custody_group_count=128)).custody_groups == 128


def test_plain_values() -> None:
    plain = json.loads(json.dumps(full().to_dict()))
    assert plain == {
        "addr": ADDR,
        "peer_id": "16Uiu2HAm",
        "agent": "Lighthouse/v8.0.0-abc/x86_64-linux",
        "protocols": ["/a", "/b"],
        "status": {
            "fork_digest": "0x" + FULU.hex(),
            "finalized_root": "0x" + "00" * 32,
            "finalized_epoch": 9,
            "head_root": "0x" + "02" * 32,
            "head_slot": 100,
            "earliest_available_slot": 7,
        },
        "metadata": {"seq_number": 3, "attnets": "0x01" + "00" * 7, "syncnets": "0x0f", "custody_group_count": 4},
        "rtt": {"connect": 0.5, "ping": 0.0421},
        "stage": "done",
        "error": None,
        "enr": str(full().enr),
        "goodbye": 2,
        "goodbye_text": "irrelevant network",
        "network": "mainnet",
        "fork": "fulu",
        "fork_digest": "0x" + FULU.hex(),
        "head_age": 3,
        "asked_at": full().asked_at,
    }


def test_its_repr_is_short() -> None:
    assert repr(full()) == (
        f"<PeerReport of {ADDR!r}: peer_id='16Uiu2HAm', agent='Lighthouse/v8.0.0-abc/x86_64-linux', network='mainnet',"
        " fork='fulu', stage='done', error=None>"
    )


def test_in_a_notebook() -> None:
    shown = full()._repr_html_()
    for text in ("Lighthouse/v8.0.0", "mainnet, fulu", "slot 100 (3 slots old)", "epoch 9", "ping 42 ms", "custody"):
        assert text in shown
    assert "2: irrelevant network" in shown
    assert "everything was answered" in shown


def test_what_a_peer_says_stands_in_a_notebook_as_text() -> None:
    report = PeerReport("<addr>", agent="<script>\x1b[31m", stage="status", error="<b>\nx")
    shown = report._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown
    assert "status: &lt;b&gt; x" in shown
    assert "\x1b" not in shown
