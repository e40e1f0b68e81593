"""Addresses of peers, as users and published lists write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from pyrum_sync.spec import enr_keys, enr_wire, node_address, peer_id, secp256k1
from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.multiaddr import Multiaddr

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final

_BOM: Final = "\ufeff"
_COMMENT: Final = re.compile(r"(?:^|\s)#.*", re.DOTALL)
_BARE_RECORD: Final = re.compile(r"-[A-Za-z0-9_-]{90,}=*")
_ITEM: Final = re.compile(r"[-*]\s+")
_LONGEST: Final = 4096
_SHOWN: Final = 80  # characters of an address in an error


class Target:
    """An address that was read: where to dial, and what is known of the peer before anything is dialled.

    It never fails: what is wrong with the address is in `error`.
    """

    addr: str
    """The address as it was passed."""
    multiaddr: str | None
    """What is dialled, a multiaddr with a peer id, whatever form `addr` has; None if it cannot be dialled."""
    peer_id: str | None
    """The peer's id; None if `addr` has none."""
    enr: Record | None
    """The record that `addr` is; None for any other address, and for a record that is not valid."""
    error: str | None
    """Why it cannot be dialled; None if it can."""

    def __init__(self, addr: str) -> None:
        self.addr = addr
        self.multiaddr = self.peer_id = self.enr = self.error = None
        if len(addr) > _LONGEST:
            self.error = f"{len(addr)} characters are no address, which has {_LONGEST} at most"
            return
        try:
            found = self._parse(addr.strip())
            self.peer_id = found.peer or self.peer_id
            refusal = found.tcp_refusal()
            if refusal is not None:
                raise ValueError(refusal)
            if found.peer is None:
                raise ValueError(f"the address has no peer id: write {found}/p2p/16Uiu2…, with the id of the peer")
            self.multiaddr = str(found)
        except ValueError as error:
            self.error = str(error)

    def _parse(self, text: str) -> Multiaddr:
        if text.startswith("enr:") or _BARE_RECORD.fullmatch(text):
            try:
                self.enr = Record.parse(text)
            except ValueError:
                found = _place_alone(text)
                if found is None:
                    raise
                return found
            self.peer_id = self.enr.peer_id
            return node_address.of_record(self.enr)
        try:
            return node_address.parse(text)
        except ValueError:
            self.peer_id = _peer_id(text)
            raise

    def __repr__(self) -> str:
        shown = self.addr if len(self.addr) <= _SHOWN else self.addr[:_SHOWN] + "…"
        return f"<Target {shown!r}: {self.error or self.multiaddr}>"


def _peer_id(text: str) -> str | None:
    """The peer id of a multiaddr whose transport is not spoken, or of what is a peer id alone."""
    with suppress(ValueError):
        return Multiaddr.parse(text).peer if text.startswith("/") else peer_id.parse(text)
    return None


def _place_alone(text: str) -> Multiaddr | None:
    """Where a record says that its node is, if all that is wrong with it is some value that dialling does not need.

    Lodestar of 2023 writes a `syncnets` of 8 bytes in place of 1.
    """
    with suppress(ValueError):
        content = enr_wire.decode(enr_wire.decode_text(text))
        key = content.pairs["secp256k1"]
        if isinstance(key, bytes):
            point = secp256k1.decompress(key)
            if secp256k1.verify(point, content.signed, content.signature):
                values = {
                    name: enr_keys.KEYS[name].decode(value)
                    for name in ("ip", "ip6", "tcp", "tcp6")
                    if isinstance(value := content.pairs.get(name), bytes)
                }
                ip = values.get("ip") or values.get("ip6")
                port = values.get("tcp") if "ip" in values else values.get("tcp6", values.get("tcp"))
                if ip and port:
                    return Multiaddr.tcp(ip, port, peer_id.from_secp256k1(point))
    return None


def read_addresses(lines: Iterable[str]) -> Iterator[str]:
    """Yields the addresses in the lines of a list, lazily.

    A list may be plain, one address on each line, or as networks publish theirs, in YAML: `- enr:-… # place | host`,
    in quotes or not. Empty lines, comments (from a `#` at the beginning or after white space), a byte order mark and
    the marks `---` and `...` are passed over. The same address twice is yielded twice. Whether it is valid is seen
    later.
    """
    for number, line in enumerate(lines):
        text = _COMMENT.sub("", line.removeprefix(_BOM) if number == 0 else line).strip()
        if text in ("", "-", "---", "..."):
            continue
        item = _ITEM.match(text)
        if item is not None:
            text = text[item.end() :]
        text = text.rstrip(",").strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1].strip()
        if text:
            yield text
