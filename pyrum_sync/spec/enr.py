"""Ethereum node records (EIP-778): how a node says where it is and what it is, signed with its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Any, TypeVar

from pyrum_sync.spec import enr_keys, enr_wire, peer_id, rlp, secp256k1
from pyrum_sync.spec.enr_keys import ForkId, to_bytes

__all__ = ["ForkId", "Record"]

_T = TypeVar("_T")


class Record:
    """One record, whose signature was checked. It cannot be changed; what a record lacks is None.

    Records are equal if their bytes are. They can be hashed, pickled and copied.
    """

    __slots__ = ("_data", "_key", "_pairs", "_peer_id", "_seq", "_values")

    _data: bytes
    _seq: int
    _key: secp256k1.Point
    _peer_id: str
    _pairs: dict[str, bytes]
    _values: dict[str, Any]

    def __init__(self, data: bytes) -> None:
        """Reads a record from its binary form, as discovery sends it; see `parse` for its text.

        Raises:
            ValueError: what is wrong with it, the signature included.
        """
        self._read(to_bytes(data), verify=True)

    @classmethod
    def parse(cls, text: str) -> Record:
        """Reads a record from its text, and checks the signature.

        Args:
            text: ``enr:…``, ``enr://…`` or the base64url alone; white space around it is passed over.

        Raises:
            ValueError: what is wrong: not base64url, not RLP, over 300 bytes, keys that are not sorted or come twice,
                a value of the wrong size, an unknown identity scheme, a wrong signature.
        """
        if not isinstance(text, str):
            raise TypeError(f"a record is parsed from a str, not {type(text).__name__}")
        return cls(enr_wire.decode_text(text.strip()))

    @classmethod
    def make(
        cls,
        private_key: bytes | str,
        *,
        seq: int = 1,
        ip: str | IPv4Address | None = None,
        tcp: int | None = None,
        udp: int | None = None,
        quic: int | None = None,
        ip6: str | IPv6Address | None = None,
        tcp6: int | None = None,
        udp6: int | None = None,
        quic6: int | None = None,
        eth2: ForkId | bytes | None = None,
        attnets: bytes | None = None,
        syncnets: bytes | None = None,
        custody_group_count: int | None = None,
        next_fork_digest: bytes | None = None,
        **others: bytes | int | None,
    ) -> Record:
        """Makes a record and signs it. Not for real secrets: the signing is not constant in time.

        Args:
            private_key: 32 bytes, or their hex with or without 0x.
            seq: the record's number, which rises with every change.
            ip, ip6: the addresses, as text.
            tcp, tcp6, quic, quic6: libp2p's ports.
            udp, udp6: discovery's ports.
            eth2: the current and the next fork, or their 16 bytes.
            attnets, syncnets: subnets, 8 bytes and 1 byte.
            custody_group_count: the key `cgc`.
            next_fork_digest: the key `nfd`, 4 bytes.
            others: further keys and their bytes; `cgc` and `nfd` under their own names, too.

        What is None is left out.

        Raises:
            TypeError: a value of another type.
            ValueError: no private key, a value of the wrong size, or more than 300 bytes in all.
        """
        named = {
            "ip": ip, "tcp": tcp, "udp": udp, "quic": quic, "ip6": ip6, "tcp6": tcp6, "udp6": udp6, "quic6": quic6,
            "eth2": eth2, "attnets": attnets, "syncnets": syncnets,
            "cgc": custody_group_count, "nfd": next_fork_digest,
        }  # fmt: skip
        if isinstance(seq, bool) or not isinstance(seq, int):
            raise TypeError(f"seq: an int is needed, not {type(seq).__name__}")
        private = _private_key(private_key)
        pairs = {"id": enr_wire.SCHEME, "secp256k1": secp256k1.compress(secp256k1.public_key(private))}
        for name, value in (*named.items(), *others.items()):
            if value is None:
                continue
            if name in pairs:
                raise ValueError(f"{name} is given twice, or set by the record itself")
            pairs[name] = _encode_value(name, value)
        return cls(enr_wire.encode(private, seq, pairs))

    def _read(self, data: bytes, *, verify: bool) -> None:
        content = enr_wire.decode(data)
        self._data = data
        self._seq = content.seq
        pairs = content.pairs
        self._key = _decoded("secp256k1", pairs["secp256k1"], secp256k1.decompress)
        self._peer_id = peer_id.from_secp256k1(self._key)
        self._values = {
            key.attribute: _decoded(name, pairs[name], key.decode)
            for name, key in enr_keys.KEYS.items()
            if name in pairs
        }
        self._pairs = {name: value if isinstance(value, bytes) else rlp.encode(value) for name, value in pairs.items()}
        if verify and not secp256k1.verify(self._key, content.signed, content.signature):
            raise ValueError("the record's signature is not by its key: it was changed, or badly copied")

    def __str__(self) -> str:
        """The record as text, ``enr:…``."""
        return enr_wire.encode_text(self._data)

    def __bytes__(self) -> bytes:
        """The record in its binary form."""
        return self._data

    def __repr__(self) -> str:
        return f"Record.parse({str(self)!r})"

    def _repr_html_(self) -> str:
        """How notebooks show it."""
        from pyrum_sync.spec.enr_view import describe
        from pyrum_sync.spec.notebook import table

        return table("Ethereum node record", describe(self))

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if isinstance(other, Record) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._data)

    def __copy__(self) -> Record:
        return self

    def __deepcopy__(self, _memo: object) -> Record:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self._data,)

    @property
    def seq(self) -> int:
        """The record's number, which rises with every change."""
        return self._seq

    @property
    def pairs(self) -> Mapping[str, bytes]:
        """Every key and its bytes, in the record's order.

        A value that is a list is given in its RLP. A key that is no ASCII has one character (U+0080 to U+00FF) for
        each such byte.
        """
        return MappingProxyType(self._pairs)

    @property
    def peer_id(self) -> str:
        """libp2p's name for the node, ``16Uiu2…``."""
        return self._peer_id

    @property
    def node_id(self) -> str:
        """Discovery's name for the node: Keccak-256 of its key, as hex."""
        return peer_id.node_id_of_key(self._key)

    @property
    def public_key(self) -> bytes:
        """The node's secp256k1 key, 33 bytes."""
        return secp256k1.compress(self._key)

    @property
    def ip(self) -> str | None:
        """The IPv4 address."""
        return self._values.get("ip")

    @property
    def ip6(self) -> str | None:
        """The IPv6 address."""
        return self._values.get("ip6")

    @property
    def tcp(self) -> int | None:
        """libp2p's TCP port."""
        return self._values.get("tcp")

    @property
    def udp(self) -> int | None:
        """Discovery's UDP port."""
        return self._values.get("udp")

    @property
    def quic(self) -> int | None:
        """libp2p's QUIC port."""
        return self._values.get("quic")

    @property
    def tcp6(self) -> int | None:
        """libp2p's TCP port on IPv6."""
        return self._values.get("tcp6")

    @property
    def udp6(self) -> int | None:
        """Discovery's UDP port on IPv6."""
        return self._values.get("udp6")

    @property
    def quic6(self) -> int | None:
        """libp2p's QUIC port on IPv6."""
        return self._values.get("quic6")

    @property
    def eth2(self) -> ForkId | None:
        """The fork that the node is on, and the next one."""
        return self._values.get("eth2")

    @property
    def attnets(self) -> bytes | None:
        """The attestation subnets that the node keeps up: 8 bytes, the lowest bit of the first byte is subnet 0."""
        return self._values.get("attnets")

    @property
    def syncnets(self) -> bytes | None:
        """The sync committee subnets: 1 byte, its lowest bit is subnet 0."""
        return self._values.get("syncnets")

    @property
    def custody_group_count(self) -> int | None:
        """How many groups of data columns the node keeps (the key `cgc`, since Fulu)."""
        return self._values.get("custody_group_count")

    @property
    def next_fork_digest(self) -> bytes | None:
        """The digest of the next fork, 4 bytes, zeros if none is planned (the key `nfd`, since Fulu)."""
        return self._values.get("next_fork_digest")

    def multiaddrs(self) -> list[str]:
        """Where libp2p reaches the node, with its peer id: TCP first, IPv4 before IPv6, then QUIC.

        An IPv6 address without a port `tcp6` has the port `tcp`. A port 0 is none.
        """
        ip4 = "" if self.ip is None else f"/ip4/{self.ip}"
        ip6 = "" if self.ip6 is None else f"/ip6/{self.ip6}"
        tcp6 = self.tcp if self.tcp6 is None else self.tcp6
        places = (
            (ip4, self.tcp, "/tcp/{}"),
            (ip6, tcp6, "/tcp/{}"),
            (ip4, self.quic, "/udp/{}/quic-v1"),
            (ip6, self.quic6, "/udp/{}/quic-v1"),
        )
        return [f"{ip}{form.format(port)}/p2p/{self._peer_id}" for ip, port, form in places if ip and port]

    def to_dict(self) -> dict[str, Any]:
        """Returns all of it as plain values, for JSON: bytes as hex with 0x, what the record lacks as None."""
        values: dict[str, Any] = {"enr": str(self), "seq": self.seq, "peer_id": self.peer_id, "node_id": self.node_id}
        for attribute in enr_keys.NAMES:
            values[attribute] = _plain(self._values.get(attribute))
        values["multiaddrs"] = self.multiaddrs()
        values["pairs"] = {name: _plain(value) for name, value in self._pairs.items()}
        return values


def _restore(data: bytes) -> Record:
    """What a pickle holds: a record that was checked before."""
    record = Record.__new__(Record)
    record._read(data, verify=False)
    return record


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, ForkId):
        return {name: _plain(part) for name, part in vars(value).items()}
    return value


def _decoded(name: str, value: rlp.Item, decode: Callable[[bytes], _T]) -> _T:
    try:
        if isinstance(value, list):
            raise ValueError("a list, where bytes should be")
        return decode(value)
    except ValueError as error:
        raise ValueError(f"the record's {name} is wrong: {error}") from None


def _private_key(value: bytes | str) -> int:
    """The number of a private key; no error shows it."""
    if isinstance(value, str):
        try:
            value = bytes.fromhex(value.strip().removeprefix("0x"))
        except ValueError:
            raise ValueError("the private key is not hex") from None
    data = to_bytes(value)
    if len(data) != 32:
        raise ValueError(f"the private key has 32 bytes, not {len(data)}")
    private = int.from_bytes(data, "big")
    if not 0 < private < secp256k1.N:
        raise ValueError("the private key is not one of secp256k1: it is zero, or past the curve's order")
    return private


def _encode_value(name: str, value: object) -> bytes:
    known = enr_keys.KEYS.get(name)
    try:
        return to_bytes(value) if known is None else known.encode(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None
