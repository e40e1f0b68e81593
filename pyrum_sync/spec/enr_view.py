"""A node record for people: rows of a name and a text."""

from __future__ import annotations

from collections.abc import Callable

from pyrum_sync.spec import enr_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class Described(Protocol):
        """What a record says; `enr.Record` is one."""

        @property
        def peer_id(self) -> str: ...
        @property
        def node_id(self) -> str: ...
        @property
        def seq(self) -> int: ...
        @property
        def ip(self) -> str | None: ...
        @property
        def ip6(self) -> str | None: ...
        @property
        def eth2(self) -> enr_keys.ForkId | None: ...
        @property
        def next_fork_digest(self) -> bytes | None: ...
        @property
        def attnets(self) -> bytes | None: ...
        @property
        def syncnets(self) -> bytes | None: ...
        @property
        def custody_group_count(self) -> int | None: ...
        @property
        def pairs(self) -> Mapping[str, bytes]: ...
        def multiaddrs(self) -> list[str]: ...


_NUMBERS = ("tcp", "udp", "quic", "tcp6", "udp6", "quic6")


def describe(record: Described, fork_of: Callable[[bytes], str | None] | None = None) -> list[tuple[str, str]]:
    """Returns what a record says, a row each; what it lacks has no row.

    Every text is one line of ASCII that can be printed, whatever the record holds.

    Args:
        record: the record.
        fork_of: names the fork of a digest, None if it does not know it.
    """
    rows = [("enr", str(record)), ("peer id", record.peer_id), ("node id", record.node_id), ("seq", str(record.seq))]
    for name, ip in (("ip", record.ip), ("ip6", record.ip6)):
        if ip is not None:
            rows.append((name, ip))
    rows += [(name, str(port)) for name in _NUMBERS if (port := getattr(record, name)) is not None]
    fork = record.eth2
    if fork is not None:
        rows.append(("fork digest", _digest(fork.fork_digest, fork_of)))
        rows.append(("next fork version", "0x" + fork.next_fork_version.hex()))
        planned = fork.next_fork_epoch != enr_keys.FAR_FUTURE_EPOCH
        rows.append(("next fork epoch", str(fork.next_fork_epoch) if planned else "none planned"))
    if record.next_fork_digest is not None:
        planned = any(record.next_fork_digest)
        rows.append(("next fork digest", _digest(record.next_fork_digest, fork_of) if planned else "none planned"))
    for name, bits in (("attnets", record.attnets), ("syncnets", record.syncnets)):
        if bits is not None:
            rows.append((name, _subnets(bits)))
    if record.custody_group_count is not None:
        rows.append(("custody groups", str(record.custody_group_count)))
    known = {"id", "secp256k1", *enr_keys.KEYS}
    rows += [(f"key {_ascii(name)}", "0x" + value.hex()) for name, value in record.pairs.items() if name not in known]
    rows += [("address", address) for address in record.multiaddrs()]
    return rows


def _digest(digest: bytes, fork_of: Callable[[bytes], str | None] | None) -> str:
    name = fork_of(digest) if fork_of is not None else None
    return f"0x{digest.hex()}" + (f" ({name})" if name else "")


def _subnets(bits: bytes) -> str:
    number = int.from_bytes(bits, "little")
    subnets = [index for index in range(8 * len(bits)) if number >> index & 1]
    if not subnets:
        return "none"
    if len(subnets) == 8 * len(bits):
        return f"all {len(subnets)}"
    return ", ".join(map(str, subnets))


def _ascii(name: str) -> str:
    return "".join(char if " " <= char <= "~" else f"\\x{ord(char):02x}" for char in name)
