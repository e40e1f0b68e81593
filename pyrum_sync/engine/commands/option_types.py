"""The types of flags and arguments: how Rumor reads their values, names them and shows their defaults."""

from __future__ import annotations

import csv
import io
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyrum_sync.engine.about import ENGINE
from pyrum_sync.engine.session.durations import DurationError, format_duration, parse_duration, quote
from pyrum_sync.spec import node_address, peer_id, secp256k1
from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.multiaddr import Multiaddr

_NOT_HEX = re.compile(r"[^0-9a-fA-F]")


class OptionError(ValueError):
    """A value that the type does not take, in Rumor's words."""


@dataclass(frozen=True)
class OptionType:
    """`parse` reads a value (or raises OptionError), `show` writes a default; `zeros` are defaults that help omits."""

    name: str
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str
    zeros: tuple[str, ...] = ("false", "<nil>", "", "0")
    help_name: str | None = None


def _bool(text: str) -> bool:
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    raise OptionError(f"strconv.ParseBool: parsing {quote(text)}: invalid syntax")


def go_integer(text: str, function: str, lowest: int, highest: int) -> int:
    """An integer as Go's strconv reads it with base 0."""
    digits = text.lstrip("+-") if lowest < 0 else text
    try:
        if not digits or digits[0] in "+- \t" or digits != digits.strip() or text[1:2] in ("+", "-"):
            raise ValueError(text)
        octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
        value = int(digits, 8 if octal else 0)
    except ValueError:
        raise OptionError(f"strconv.{function}: parsing {quote(text)}: invalid syntax") from None
    value = -value if text.startswith("-") else value
    if not lowest <= value <= highest:
        raise OptionError(f"strconv.{function}: parsing {quote(text)}: value out of range")
    return value


def _unsigned(bits: int) -> Callable[[str], int]:
    return lambda text: go_integer(text, "ParseUint", 0, 2**bits - 1)


def unhex(text: str) -> bytes:
    """Hex as Go reads it, its complaints included."""
    wrong = _NOT_HEX.search(text)
    if wrong is not None:
        byte = wrong[0].encode("utf-8")[0]
        raise OptionError(f"encoding/hex: invalid byte: U+{byte:04X} '{chr(byte)}'")
    if len(text) % 2:
        raise OptionError("encoding/hex: odd length hex string")
    return bytes.fromhex(text)


def _bytes(text: str) -> bytes:
    return unhex(text.strip().lower().removeprefix("0x"))


def _fixed_bytes(length: int) -> Callable[[str], bytes]:
    def parse(text: str) -> bytes:
        data = _bytes(text)
        if len(data) != length:
            raise OptionError(f"byte length does not match fixed-length of {length} bytes: parsed {len(data)} bytes")
        return data

    return parse


def _duration(text: str) -> int:
    try:
        return parse_duration(text)
    except DurationError as error:
        raise OptionError(str(error)) from None


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise OptionError(f"failed to parse IP: {quote(text)}") from None


def _strings(text: str) -> list[str]:
    if text == "":
        return []
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        raise OptionError('parse error on line 1, column 1: bare " in non-quoted-field') from None
    return rows[0] if rows else []


def _peer_id(text: str) -> str:
    try:
        return peer_id.parse(text)
    except ValueError as error:
        raise OptionError(str(error)) from None


@dataclass(frozen=True)
class NodeAddress:
    """Where a node is: a multiaddr, or what an ENR or an enode address says."""

    addresses: tuple[Multiaddr, ...]
    """At least one; all those of TCP in a record."""
    record: Record | None = None
    is_multiaddr: bool = True

    @property
    def peer(self) -> str | None:
        """The peer id; None where a multiaddr has none."""
        return self.addresses[0].peer


def _address(text: str) -> NodeAddress:
    try:
        if text.startswith(("/", "enode:")):
            return NodeAddress((node_address.parse_flexible(text),), None, text.startswith("/"))
        record = _record_in_address(text)
        node_address.of_record(record)  # which says what is missing
    except ValueError as error:
        spoken = f" ({ENGINE} speaks TCP alone)" if "not spoken" in str(error) else ""
        raise OptionError(f"{error}{spoken}") from None
    return NodeAddress(tuple(a for a in map(Multiaddr.parse, record.multiaddrs()) if a.is_tcp), record, False)


def _record_in_address(text: str) -> Record:
    try:
        return Record.parse(text)
    except ValueError:
        node_address.parse_flexible(text)  # it has a better error for what was meant as another form of address
        raise


def _record(text: str) -> Record:
    try:
        return Record.parse(text)
    except ValueError as error:
        why = str(error)
    try:
        node_address.parse_flexible(text)
    except ValueError as error:
        if str(error).startswith(("EOF", "illegal base64 data")):  # Rumor's words
            why = str(error)
    raise OptionError(why)


def _private_key(text: str) -> bytes | None:
    if text == "":
        return None
    digits = text.removeprefix("0x")
    try:
        raw = unhex(digits)
    except OptionError as error:
        why = f"cannot parse private key, expected hex string: {error}"
        raise OptionError(f"could not parse private key: {why}") from None
    if len(raw) != 32:
        why = "invalid private key (Secp256k1): expected secp256k1 data size to be 32"
        raise OptionError(f"could not parse private key: cannot parse private key, {why}")
    try:
        secp256k1.public_key(int.from_bytes(raw, "big"))
    except ValueError as error:
        raise OptionError(f"could not parse private key: {error}") from None
    return raw


def _always(text: str) -> Callable[[object], str]:
    return lambda _: text


def _compression(text: str) -> str:
    if text in ("none", ""):
        return "none"
    if text != "snappy":
        raise OptionError(f"unrecognized compression: {text}")
    return text


BOOL = OptionType("bool", _bool, lambda v: "true" if v else "false", ("false",), "")
STRING = OptionType("string", str, str, ("",))
STRINGS = OptionType("stringSlice", _strings, lambda v: "[" + ",".join(v) + "]", ("[]",), "strings")
INT = OptionType("int", lambda text: go_integer(text, "ParseInt", -(2**63), 2**63 - 1), str, ("0",))
UINT8 = OptionType("uint8", _unsigned(8), str, ("0",))
UINT16 = OptionType("uint16", _unsigned(16), str, ("0",))
UINT64 = OptionType("uint64", _unsigned(64), str, ("0",), "uint")
DURATION = OptionType("duration", _duration, format_duration, ("0", "0s"))
IP = OptionType("ip", _ip, lambda v: "<nil>" if v is None else str(v), ("<nil>",))
BYTES = OptionType("bytes", _bytes, lambda v: v.hex())
PEER_ID = OptionType("Peer ID", _peer_id)
ADDRESS = OptionType("ENR/enode/Multi-addr", _address, _always("nil flex addr"))
ENR = OptionType("ENR", _record, _always("nil ENR"))
PRIVATE_KEY = OptionType("P2P Private key", _private_key, _always("? (no private key data)"))
COMPRESSION = OptionType("RPC compression", _compression)


def fixed_bytes(length: int) -> OptionType:
    """The type of hex of exactly that many bytes."""
    return OptionType(f"bytes{length}", _fixed_bytes(length), lambda v: v.hex())
