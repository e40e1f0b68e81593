"""The three ways to write where a node is: a multiaddr, an ENR, an enode address.

Rumor reads all three wherever it takes an address (its FlexibleAddrFlag).
"""

from __future__ import annotations

import re

from pyrum_sync.spec import peer_id, secp256k1
from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.multiaddr import EXAMPLE, MAX_SIZE, Multiaddr

_ENODE = re.compile(r"enode://(?P<key>[^@]*)(@(?P<place>[^?]*))?(\?(?P<query>.*))?", re.DOTALL)
_PLACE = re.compile(r"(\[(?P<ip6>[^\]]*)\]|(?P<host>[^:]*)):(?P<port>[0-9]{1,5})")
_HOST_AND_PORT = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})")
_BARE_RECORD = re.compile(r"-[A-Za-z0-9_-]{90,}")


def parse(text: str) -> Multiaddr:
    """Returns the address that a text names, in any of its three forms; an ENR and an enode address have a peer id.

    Of an ENR it is the first address of TCP. A multiaddr without a peer id is returned as it is, and so is one that
    is a peer id alone (``/p2p/…``).

    Raises:
        ValueError: what is wrong with the text, or which transport it asks for that is not spoken, and what to give.
    """
    if text.startswith("/"):
        address = Multiaddr.parse(text)
        refusal = address.transport_refusal()
        if refusal is not None:
            raise ValueError(refusal)
        return address
    if text.startswith("enode:"):
        return parse_enode(text)
    if text.startswith("enr:") or _BARE_RECORD.fullmatch(text):
        return of_record(Record.parse(text))
    raise ValueError(_hint(text) or f"not an address; an address looks like {EXAMPLE}, an ENR or an enode address")


def parse_flexible(text: str) -> Multiaddr:
    """The same as `parse` for Rumor's commands: text that resembles no address is refused in Rumor's words.

    Raises:
        ValueError: see `parse`.
    """
    if text.startswith(("/", "enode:")) or _BARE_RECORD.fullmatch(text) or _hint(text):
        return parse(text)
    # Rumor takes all else for an ENR
    body = text.removeprefix("enr:").removeprefix("//")
    if not body:
        raise ValueError("EOF")
    wrong = re.search(r"[^A-Za-z0-9_-]", body)
    if wrong is not None:
        raise ValueError(f"illegal base64 data at input byte {len(body[: wrong.start()].encode(errors='replace'))}")
    if len(body) % 4 == 1:
        raise ValueError(f"illegal base64 data at input byte {len(body) - 1}")
    return parse(text)


def of_record(record: Record) -> Multiaddr:
    """Returns the first address of TCP in a record, with its peer id.

    Raises:
        ValueError: it has none.
    """
    for address in map(Multiaddr.parse, record.multiaddrs()):
        if address.is_tcp:
            return address
    if record.ip is None and record.ip6 is None:
        raise ValueError("the record has no IP address")
    also = "; its QUIC address is not spoken" if record.multiaddrs() else ""
    raise ValueError(f"the record has no TCP port{also}")


def parse_enode(text: str) -> Multiaddr:
    """Returns the address in an enode URL, ``enode://KEY@HOST:PORT``; what follows a ``?`` is discovery's.

    Raises:
        ValueError: what is wrong with it, in go-ethereum's words where it has some.
    """
    if len(text) > MAX_SIZE:
        raise ValueError(f"an enode address of {len(text)} characters, the most is {MAX_SIZE}")
    found = _ENODE.fullmatch(text)
    if found is None or not found["key"]:
        raise ValueError("does not contain node ID")
    if not re.fullmatch(r"[0-9a-fA-F]{128}", found["key"]):
        raise ValueError("invalid public key (128 digits of hex are needed)")
    key = int(found["key"][:64], 16), int(found["key"][64:], 16)
    if not secp256k1.is_on_curve(key):
        raise ValueError("invalid public key (invalid secp256k1 public key)")
    if found["place"] is None:
        raise ValueError("the enode address has no IP address; write @HOST:PORT after the key")
    place = _PLACE.fullmatch(found["place"])
    if place is None or int(place["port"]) > 65535:
        raise ValueError("invalid port")
    host = place["host"] if place["ip6"] is None else place["ip6"]
    return Multiaddr.tcp(host, int(place["port"]), peer_id.from_secp256k1(key))


def _hint(text: str) -> str | None:
    """What to write in place of a text that is meant as an address, and is none."""
    found = _HOST_AND_PORT.fullmatch(text)
    if found is not None and int(found["port"]) < 65536:
        try:
            meant = Multiaddr.tcp(found["host"].strip("[]"), int(found["port"]))
        except ValueError:
            return None
        return f"not an address: {text!r} is a host and a port; write {meant}/p2p/16Uiu2…, with the id of the peer"
    if not text.startswith(("1", "Qm", "bafz", "k5")):
        return None
    try:
        peer = peer_id.parse(text)
    except ValueError:
        return None
    return f"not an address: {text!r} is a peer id; write where the peer is, too: /ip4/127.0.0.1/tcp/9000/p2p/{peer}"
