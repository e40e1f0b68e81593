"""Networks from a configuration: which fork and which digest is in force when."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import network
from pyrum_sync.spec.forks import FAR_FUTURE_EPOCH, BlobParameters, fork_digest
from pyrum_sync.spec.network import Network

ROOT = bytes(range(32))
CONFIG: dict[str, Any] = {
    "CONFIG_NAME": "devnet",
    "PRESET_BASE": "minimal",
    "SECONDS_PER_SLOT": 6,
    "GENESIS_FORK_VERSION": "0x10000001",
    "ALTAIR_FORK_VERSION": "0x20000001",
    "ALTAIR_FORK_EPOCH": "0",
    "BELLATRIX_FORK_VERSION": 0x30000001,
    "BELLATRIX_FORK_EPOCH": 0,
    "ELECTRA_FORK_VERSION": "0x60000001",
    "ELECTRA_FORK_EPOCH": 3,
    "FULU_FORK_VERSION": "0x70000001",
    "FULU_FORK_EPOCH": 10,
    "GLOAS_FORK_VERSION": "0x80000001",
    "GLOAS_FORK_EPOCH": 30,
    "HEZE_FORK_VERSION": "0x90000001",
    "HEZE_FORK_EPOCH": FAR_FUTURE_EPOCH,
    "MAX_BLOBS_PER_BLOCK_ELECTRA": 9,
    "BLOB_SCHEDULE": [
        {"EPOCH": 40, "MAX_BLOBS_PER_BLOCK": 48},
        {"EPOCH": "20", "MAX_BLOBS_PER_BLOCK": "15"},
        {"EPOCH": FAR_FUTURE_EPOCH, "MAX_BLOBS_PER_BLOCK": 99},
    ],
    "TERMINAL_TOTAL_DIFFICULTY": "58750000000000000000000",
}


def devnet(**changed: Any) -> Network:
    config = {key: value for key, value in {**CONFIG, **changed}.items() if value is not None}
    return Network.from_config(config, genesis_validators_root=ROOT, genesis_time=1_000_000)


@pytest.mark.parametrize(
    ("epoch", "name", "version", "blobs"),
    [
        (0, "bellatrix", "30000001", None),
        (2, "bellatrix", "30000001", None),
        (3, "electra", "60000001", None),
        (9, "electra", "60000001", None),
        (10, "fulu", "70000001", (3, 9)),
        (19, "fulu", "70000001", (3, 9)),
        (20, "fulu+bpo1", "70000001", (20, 15)),
        (29, "fulu+bpo1", "70000001", (20, 15)),
        (30, "gloas", "80000001", (20, 15)),
        (40, "gloas+bpo2", "80000001", (40, 48)),
        (FAR_FUTURE_EPOCH, "gloas+bpo2", "80000001", (40, 48)),
    ],
)
def test_the_digest_of_an_epoch(epoch: int, name: str, version: str, blobs: tuple[int, int] | None) -> None:
    digest = devnet().fork_digest(epoch)
    assert digest == fork_digest(version, ROOT, blobs)
    assert devnet().fork_of(digest) == devnet().fork_of("0x" + digest.hex()) == name
    assert devnet().fork(epoch).name == name.partition("+")[0]


def test_a_fork_that_was_passed_over_at_genesis_is_known() -> None:
    assert devnet().fork_of(fork_digest("20000001", ROOT)) == "altair"
    assert devnet().fork_of(fork_digest("10000001", ROOT)) == "phase0"


def test_a_digest_of_no_fork() -> None:
    assert devnet().fork_of("00000000") is None
    assert devnet().fork_of(fork_digest("70000001", ROOT)) is None  # without the blob parameters
    assert devnet().fork_of(fork_digest("90000001", ROOT, (40, 48))) is None  # not scheduled
    with pytest.raises(ValueError, match="a fork digest has 4 bytes, not 3"):
        devnet().fork_of("000000")


def test_an_entry_before_fulu_is_in_force_from_fulu_on_and_is_no_fork_of_its_own() -> None:
    early = devnet(FULU_FORK_EPOCH=0, ELECTRA_FORK_EPOCH=0, BLOB_SCHEDULE=[{"EPOCH": 0, "MAX_BLOBS_PER_BLOCK": 21}])
    assert early.fork_digest(0) == fork_digest("70000001", ROOT, (0, 21))
    assert early.fork_of(early.fork_digest(5)) == "fulu"
    before = devnet(BLOB_SCHEDULE=[{"EPOCH": 5, "MAX_BLOBS_PER_BLOCK": 12}])
    assert before.fork_digest(5) == before.fork_digest(4)
    assert before.fork_digest(10) == fork_digest("70000001", ROOT, (5, 12))


def test_an_entry_at_a_fork_is_that_fork() -> None:
    at_fulu = devnet(BLOB_SCHEDULE=[{"EPOCH": epoch, "MAX_BLOBS_PER_BLOCK": epoch} for epoch in (10, 20)])
    assert [at_fulu.fork_of(at_fulu.fork_digest(epoch)) for epoch in (10, 20)] == ["fulu", "fulu+bpo1"]
    at_gloas = devnet(BLOB_SCHEDULE=[{"EPOCH": 30, "MAX_BLOBS_PER_BLOCK": 12}])
    assert at_gloas.fork_of(at_gloas.fork_digest(30)) == "gloas"


@pytest.mark.parametrize(
    ("now", "epoch"),
    [(0, 0), (999_999.9, 0), (1_000_000, 0), (1_000_047.9, 0), (1_000_048, 1), (1_000_480, 10), (1_000_960, 20)],
)
def test_the_epoch_of_a_time(now: float, epoch: int) -> None:
    assert devnet().epoch(now) == epoch
    assert devnet().fork_digest(now=now) == devnet().fork_digest(epoch)


def test_the_epoch_of_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_000_480.0)
    assert devnet().epoch() == 10
    assert devnet().fork().name == "fulu"
    assert devnet().fork_digest() == devnet().fork_digest(10)


def test_without_a_genesis_time_an_epoch_has_to_be_given() -> None:
    timeless = Network.from_config(CONFIG, genesis_validators_root=ROOT.hex())
    assert timeless.fork_digest(0) == devnet().fork_digest(0)
    with pytest.raises(ValueError, match="the genesis time of devnet is not known"):
        timeless.fork_digest()


def test_an_epoch_is_not_negative() -> None:
    with pytest.raises(ValueError, match="0 or more, not -1"):
        devnet().fork_digest(-1)


def test_what_a_configuration_may_leave_out() -> None:
    least = Network.from_config({"GENESIS_FORK_VERSION": b"\0\0\0\x01"}, genesis_validators_root=ROOT)
    assert (least.name, least.seconds_per_slot, least.slots_per_epoch) == ("custom", 12, 32)
    assert [fork.name for fork in least.forks] == ["phase0"]
    assert least.fork_digest(10**9) == fork_digest("00000001", ROOT)
    assert devnet(MAX_BLOBS_PER_BLOCK_ELECTRA=None).electra_blobs == BlobParameters(3, 9)


def test_the_length_of_slots_and_epochs() -> None:
    assert devnet().slots_per_epoch == 8
    assert devnet(SLOTS_PER_EPOCH="4").slots_per_epoch == 4
    assert devnet(SLOT_DURATION_MS="1500").seconds_per_slot == 1.5
    assert devnet(SECONDS_PER_SLOT=None).seconds_per_slot == 12


def test_a_fork_of_its_own() -> None:
    own = devnet(EIP9999_FORK_VERSION="0xaa000001", EIP9999_FORK_EPOCH=50)
    assert own.fork_of(own.fork_digest(50)) == "eip9999"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"GENESIS_FORK_VERSION": None}, "the configuration has no GENESIS_FORK_VERSION"),
        ({"GENESIS_FORK_VERSION": "0x00"}, "GENESIS_FORK_VERSION of the configuration has 4 bytes, not 1"),
        ({"GENESIS_FORK_VERSION": 1 << 32}, "GENESIS_FORK_VERSION of the configuration must be bytes or hex, not int"),
        ({"GENESIS_FORK_VERSION": 1.5}, "must be bytes or hex, not float"),
        ({"FULU_FORK_EPOCH": None}, "the configuration has no FULU_FORK_EPOCH"),
        ({"FULU_FORK_EPOCH": "soon"}, "FULU_FORK_EPOCH of the configuration is not a number: 'soon'"),
        ({"FULU_FORK_EPOCH": -1}, "FULU_FORK_EPOCH of the configuration is not a number of 64 bits: -1"),
        ({"ELECTRA_FORK_EPOCH": None, "ELECTRA_FORK_VERSION": None}, "the configuration has no ELECTRA_FORK_EPOCH"),
        ({"BLOB_SCHEDULE": "none"}, "BLOB_SCHEDULE of the configuration is not a list of mappings"),
        ({"BLOB_SCHEDULE": [1]}, "BLOB_SCHEDULE of the configuration is not a list of mappings"),
        ({"BLOB_SCHEDULE": [{"EPOCH": 1}]}, "the configuration has no MAX_BLOBS_PER_BLOCK"),
        ({"BLOB_SCHEDULE": [{"EPOCH": 1, "MAX_BLOBS_PER_BLOCK": each} for each in (1, 2)]}, "has an epoch twice"),
        ({"SECONDS_PER_SLOT": 0}, "a slot of the configuration takes no time"),
        ({"SLOTS_PER_EPOCH": 0}, "SLOTS_PER_EPOCH of the configuration is 0"),
        ({"PRESET_BASE": "own"}, "the configuration has no SLOTS_PER_EPOCH"),
    ],
)
def test_a_configuration_that_is_none_is_refused_by_name(changed: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        devnet(**changed)


def test_a_root_that_is_none() -> None:
    with pytest.raises(ValueError, match="a genesis validators root has 32 bytes, not 4"):
        Network.from_config(CONFIG, genesis_validators_root="01020304")


@given(st.integers(0, 60))
def test_every_epoch_has_the_digest_of_its_last_change(epoch: int) -> None:
    change = max(each for each in (0, 3, 10, 20, 30, 40) if each <= epoch)
    assert devnet().fork_digest(epoch) == devnet().fork_digest(change)
    assert change == epoch or devnet().fork_digest(change - 1 if change else 0) is not None


def test_the_order_of_forks_is_the_specifications() -> None:
    assert network._ORDER[:3] == ("phase0", "altair", "bellatrix")
    late_first = {"DENEB_FORK_VERSION": "0x50000001", "DENEB_FORK_EPOCH": 0}
    mixed = devnet(**late_first, CAPELLA_FORK_VERSION="0x40000001", CAPELLA_FORK_EPOCH=0)
    assert mixed.fork(0).name == "deneb"
