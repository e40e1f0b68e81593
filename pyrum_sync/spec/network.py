"""Networks: their forks, and what their fork digests are at which epoch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyrum_sync.spec.forks import (
    DIGEST_SIZE,
    FAR_FUTURE_EPOCH,
    ROOT_SIZE,
    VERSION_SIZE,
    BlobParameters,
    Fork,
    as_bytes,
    fork_digest,
)

# In the order in which they follow each other, where several have the same epoch.
_ORDER: Final = ("phase0", "altair", "bellatrix", "capella", "deneb", "electra", "fulu", "gloas", "heze")
_VERSION_KEY: Final = re.compile(r"([A-Z0-9_]+)_FORK_VERSION")
_FULU: Final = "fulu"
_MAX_BLOBS_PER_BLOCK_ELECTRA: Final = 9
_SLOTS_PER_EPOCH: Final = {"mainnet": 32, "minimal": 8}


@dataclass(frozen=True)
class Network:
    """A network's constants. NETWORKS has the public ones, `from_config` reads any other's configuration."""

    name: str
    genesis_validators_root: bytes
    """32 bytes."""
    forks: tuple[Fork, ...]
    """In the order of their epochs, phase 0 first; those that are not scheduled are left out."""
    genesis_time: int | None = None
    """Seconds since 1970; None: not known."""
    blob_schedule: tuple[BlobParameters, ...] = ()
    """In the order of their epochs."""
    electra_blobs: BlobParameters | None = None
    """What is in force from Fulu on until the first entry of the schedule: Electra's epoch and number of blobs."""
    seconds_per_slot: float = 12
    slots_per_epoch: int = 32
    source: str = ""
    """Where the constants are from, and their date."""

    def epoch(self, now: float | None = None) -> int:
        """Returns the epoch at `now`, seconds since 1970 (None: by the clock); 0 before genesis.

        Raises:
            ValueError: the genesis time is not known.
        """
        if self.genesis_time is None:
            raise ValueError(f"the genesis time of {self.name} is not known: say which epoch is meant")
        if now is None:
            from time import time

            now = time()
        return max(0, int((now - self.genesis_time) / self.seconds_per_slot) // self.slots_per_epoch)

    def fork(self, epoch: int | None = None, *, now: float | None = None) -> Fork:
        """Returns the fork that is in force at `epoch` (None: at `now`, by default by the clock)."""
        return self._at(self.epoch(now) if epoch is None else epoch)[0]

    def fork_digest(self, epoch: int | None = None, *, now: float | None = None) -> bytes:
        """Returns the fork digest at `epoch`, 4 bytes.

        Args:
            epoch: None for that at `now`.
            now: seconds since 1970; None for the clock's.

        Raises:
            ValueError: `epoch` is negative; or it is None, and the genesis time is not known.
        """
        fork, blobs = self._at(self.epoch(now) if epoch is None else epoch)
        return fork_digest(fork.version, self.genesis_validators_root, blobs)

    def fork_of(self, digest: bytes | str) -> str | None:
        """Returns the name of the fork that has `digest` (4 bytes, or their hex), None for one of no fork of this.

        A change of blob parameters alone is named after its fork and its number since Fulu: `fulu+bpo1`.

        Raises:
            ValueError: `digest` is not of 4 bytes, or no hex.
        """
        wanted = as_bytes(digest, DIGEST_SIZE, "a fork digest")
        for name, fork, blobs in self._steps():
            if fork_digest(fork.version, self.genesis_validators_root, blobs) == wanted:
                return name
        return None

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        *,
        genesis_validators_root: bytes | str,
        genesis_time: int | None = None,
    ) -> Network:
        """Returns the network of a configuration with the specification's keys, as read from its YAML or as text.

        Args:
            config: `GENESIS_FORK_VERSION`, and for each further fork `NAME_FORK_VERSION` and `NAME_FORK_EPOCH`;
                `BLOB_SCHEDULE`, `MAX_BLOBS_PER_BLOCK_ELECTRA`, `CONFIG_NAME`, `PRESET_BASE`, `SLOTS_PER_EPOCH`,
                `SLOT_DURATION_MS` or `SECONDS_PER_SLOT` where they differ from mainnet's. Others are passed over.
            genesis_validators_root: 32 bytes, or their hex; no configuration has it.
            genesis_time: seconds since 1970; None if it is not known, then an epoch has to be given to `fork_digest`.

        Raises:
            ValueError: a key is missing, or its value is not valid.
        """
        forks = _forks(config)
        return cls(
            name=str(config.get("CONFIG_NAME", "custom")),
            genesis_validators_root=as_bytes(genesis_validators_root, ROOT_SIZE, "a genesis validators root"),
            forks=forks,
            genesis_time=genesis_time,
            blob_schedule=_blob_schedule(config),
            electra_blobs=_electra_blobs(config, forks),
            seconds_per_slot=_seconds_per_slot(config),
            slots_per_epoch=_slots_per_epoch(config),
            source="from_config",
        )

    # -- inside

    def _at(self, epoch: int) -> tuple[Fork, BlobParameters | None]:
        """The fork in force, and with it the blob parameters that belong to its digest."""
        if epoch < 0:
            raise ValueError(f"an epoch must be 0 or more, not {epoch}")
        fork = next(each for each in reversed(self.forks) if each.epoch <= epoch)
        return fork, self._blobs(epoch)

    def _blobs(self, epoch: int) -> BlobParameters | None:
        if epoch < self._fulu_epoch():
            return None
        return next((each for each in reversed(self.blob_schedule) if each.epoch <= epoch), self.electra_blobs)

    def _fulu_epoch(self) -> int:
        return next((each.epoch for each in self.forks if each.name == _FULU), FAR_FUTURE_EPOCH)

    def _steps(self) -> Iterator[tuple[str, Fork, BlobParameters | None]]:
        """Everything that changes the digest, with its name."""
        for fork in self.forks:
            yield fork.name, fork, self._blobs(fork.epoch)
        fulu = self._fulu_epoch()
        alone = (each for each in self.blob_schedule if each.epoch > fulu)
        for number, blobs in enumerate(alone, 1):
            fork, in_force = self._at(blobs.epoch)
            yield f"{fork.name}+bpo{number}", fork, in_force


# -- configurations ---------------------------------------------------------------------------------------------------


def _number(config: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = config.get(key, default)
    if value is None:
        raise ValueError(f"the configuration has no {key}")
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{key} of the configuration is not a number: {value!r}") from error
    if not 0 <= number <= FAR_FUTURE_EPOCH:
        raise ValueError(f"{key} of the configuration is not a number of 64 bits: {value!r}")
    return number


def _version(config: Mapping[str, Any], key: str) -> bytes:
    value = config.get(key)
    if value is None:
        raise ValueError(f"the configuration has no {key}")
    if isinstance(value, int) and 0 <= value < 1 << 8 * VERSION_SIZE:  # YAML reads 0x01000000 as a number
        return value.to_bytes(VERSION_SIZE, "big")
    try:
        return as_bytes(value, VERSION_SIZE, f"{key} of the configuration")
    except TypeError as error:
        raise ValueError(str(error)) from error


def _forks(config: Mapping[str, Any]) -> tuple[Fork, ...]:
    forks = [Fork(_ORDER[0], _version(config, "GENESIS_FORK_VERSION"), 0)]
    for key in config:
        match = _VERSION_KEY.fullmatch(str(key))
        if match is not None and match[1] != "GENESIS":
            epoch = _number(config, f"{match[1]}_FORK_EPOCH")
            if epoch != FAR_FUTURE_EPOCH:
                forks.append(Fork(match[1].lower(), _version(config, key), epoch))
    order = {name: number for number, name in enumerate(_ORDER)}
    return tuple(sorted(forks, key=lambda fork: (fork.epoch, order.get(fork.name, len(order)))))


def _blob_schedule(config: Mapping[str, Any]) -> tuple[BlobParameters, ...]:
    entries = config.get("BLOB_SCHEDULE") or ()
    if not isinstance(entries, (list, tuple)) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ValueError("BLOB_SCHEDULE of the configuration is not a list of mappings")
    schedule = sorted(
        BlobParameters(_number(entry, "EPOCH"), _number(entry, "MAX_BLOBS_PER_BLOCK")) for entry in entries
    )
    if len({entry.epoch for entry in schedule}) < len(schedule):
        raise ValueError("BLOB_SCHEDULE of the configuration has an epoch twice")
    return tuple(entry for entry in schedule if entry.epoch != FAR_FUTURE_EPOCH)


def _electra_blobs(config: Mapping[str, Any], forks: tuple[Fork, ...]) -> BlobParameters | None:
    if all(fork.name != _FULU for fork in forks):
        return None
    most = _number(config, "MAX_BLOBS_PER_BLOCK_ELECTRA", _MAX_BLOBS_PER_BLOCK_ELECTRA)
    return BlobParameters(_number(config, "ELECTRA_FORK_EPOCH"), most)


def _seconds_per_slot(config: Mapping[str, Any]) -> float:
    milliseconds = config.get("SLOT_DURATION_MS")
    seconds = _number(config, "SECONDS_PER_SLOT", 12) if milliseconds is None else 0
    length = seconds or _number(config, "SLOT_DURATION_MS", 0) / 1000
    if not length:
        raise ValueError("a slot of the configuration takes no time")
    return length


def _slots_per_epoch(config: Mapping[str, Any]) -> int:
    preset = str(config.get("PRESET_BASE", "mainnet"))
    slots = _number(config, "SLOTS_PER_EPOCH", _SLOTS_PER_EPOCH.get(preset))
    if not slots:
        raise ValueError("SLOTS_PER_EPOCH of the configuration is 0")
    return slots
