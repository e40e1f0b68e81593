"""``enr``: records of nodes, and the actor's own (Rumor's control/actor/enr)."""

from __future__ import annotations

import base64

from pyrum_sync.engine.commands.arguments import flag, optional
from pyrum_sync.engine.commands.base import Command, Group, Run
from pyrum_sync.engine.commands.local_record import LocalRecord
from pyrum_sync.engine.commands.option_types import BOOL, ENR, IP, PRIVATE_KEY, UINT16, UINT64, fixed_bytes
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.spec import enr_wire, rlp, secp256k1
from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.enr_keys import ForkId

# The keys that Rumor decodes (p2p/addrutil); of any other it shows the RLP.
_KNOWN = ("attnets", "eth2", "id", "ip", "ip6", "secp256k1", "tcp", "tcp6", "udp", "udp6")


# -- view


async def _view(run: Run) -> None:
    record: Record | None = run.args.any("enr")
    if record is None and run.actor.record is not None:
        record = run.actor.record.record()
    if record is None:
        raise CommandError("no ENR was specified, current actor does not have one either")
    if run.args.on("kv"):
        _log_pairs(run, record)
    x, y = secp256k1.decompress(record.public_key)
    fields = {
        "seq": record.seq,
        "xy": f"{x} {y}",
        "node_id": record.node_id,
        "peer_id": record.peer_id,
        "enode": _enode(record),
        "enr": str(record),
    }
    scheme = "ip4" if record.ip is not None or record.ip6 is None else "ip6"
    multi = f"/{scheme}/{record.ip or record.ip6 or '<nil>'}/tcp/{record.tcp or 0}/p2p/{record.peer_id}"
    if record.ip is None and record.ip6 is None:
        why = 'invalid value "<nil>" for protocol ip4: failed to parse ip4 addr: <nil>'
        run.warn("ENR has invalid multi-addr", error=f'failed to parse multiaddr "{multi}": {why}')
    else:
        fields["multi"] = multi
    run.info("ENR parsed successfully", **fields)


def _log_pairs(run: Run, record: Record) -> None:
    raw, decoded = {}, {}
    for key, item in enr_wire.decode(bytes(record)).pairs.items():
        encoded = rlp.encode(item)
        raw[key] = encoded.hex()
        if key in _KNOWN:
            decoded[key] = _shown(record, key)
        else:
            data = base64.b64encode(encoded).decode()
            run.info(f"Unrecognized ENR KV pair type: {key}", **{f"enr_unknown_{key}": data})
    run.info("Raw ENR key-value pairs", raw_enr_kv=raw)
    run.info("Decoded ENR key-value pairs", enr_kv=decoded)


def _shown(record: Record, key: str) -> str:
    if key == "id":
        return enr_wire.SCHEME.decode()
    if key == "secp256k1":
        return _key_hex(record)
    value = getattr(record, key)
    if isinstance(value, ForkId):
        digest, version = value.fork_digest.hex(), value.next_fork_version.hex()
        return f"digest: 0x{digest}, next fork version: 0x{version}, next fork epoch: {value.next_fork_epoch}"
    return value.hex() if isinstance(value, bytes) else str(value)


def _key_hex(record: Record) -> str:
    """The public key without its first byte, uncompressed."""
    return "".join(part.to_bytes(32, "big").hex() for part in secp256k1.decompress(record.public_key))


def _enode(record: Record) -> str:
    """The record as an enode address (go-ethereum's p2p/enode/urlv4.go)."""
    ip = f"[{record.ip6}]" if record.ip is None and record.ip6 is not None else record.ip
    if ip is None:
        return f"enode://{_key_hex(record)}"
    tcp, udp = record.tcp or 0, record.udp or 0
    return f"enode://{_key_hex(record)}@{ip}:{tcp}" + (f"?discport={udp}" if udp != tcp else "")


# -- make


async def _generate_key(run: Run) -> None:
    run.info("generated key", key=secp256k1.new_private_key().to_bytes(32, "big").hex())


async def _make(run: Run) -> None:
    actor, args = run.actor, run.args
    key = _choose_key(run)
    if actor.private_key not in (None, key):
        raise CommandError("private key conflict: cannot change private key")
    actor.private_key = key
    if actor.record is None:
        actor.record = LocalRecord(
            key,
            static_ip=args.any("static-ip"),
            fallback_ip=args.any("fallback-ip"),
            fallback_udp=args.number("fallback-udp"),
        )
    try:
        _change(run, actor.record)
        run.info("ENR created!", enr=str(actor.record.record()))
    except ValueError as error:
        raise CommandError(str(error)) from None


def _choose_key(run: Run) -> bytes:
    given: bytes | None = run.args.any("priv")
    key = given or run.actor.private_key
    if key is not None:
        return key
    if not run.args.on("gen-priv"):
        raise CommandError("no private key known, but key-gen disabled, cannot make ENR")
    key = secp256k1.new_private_key().to_bytes(32, "big")
    run.info("generated key", key=key.hex())
    return key


def _change(run: Run, local: LocalRecord) -> None:
    """Set what was given; of the rest what the record lacks, from the host or by default."""
    args = run.args
    before = local.record()
    from_host = _of_host(run) if args.on("from-host") else {}
    for name, known in (("ip", before.ip or before.ip6), ("tcp", before.tcp), ("udp", before.udp)):
        value = args.any(name)
        if not args.given(name):
            if name in from_host:
                value = from_host[name]
            elif known:
                continue
        if name == "ip":
            local.set_ip(value)
        else:
            local.set(name, value)
    if args.given("attnets"):
        local.set("attnets", args.data("attnets"))
    if any(args.given(name) for name in ("fork-digest", "next-fork-version", "next-fork-epoch")):
        # what is not given becomes zero, as in Rumor
        fork = ForkId(args.data("fork-digest"), args.data("next-fork-version"), args.number("next-fork-epoch"))
        local.set("eth2", fork)
    if args.on("rm-ip"):
        local.set_ip(None)


def _of_host(run: Run) -> dict[str, str | int]:
    """Where the actor's host listens: the last IPv4 address, and the first port, which discovery is to use, too."""
    found: dict[str, str | int] = {}
    for address in run.actor.host.addresses() if run.actor.host is not None else ():
        if address.port and "tcp" not in found:
            found["tcp"] = found["udp"] = address.port
        if address.scheme == "ip4" and address.ip is not None:
            found["ip"] = address.ip
    return found


_PRIVATE_KEY_HELP = (
    "Private key, in raw hex encoded format (32 bytes -> 64 hex chars with optional 0x prefix). "
    "Cannot overwrite a current private key."
)
_FALLBACK = "used when no public {} is known, until it can be determined from traffic."

ENR_GROUP = Group(
    "Ethereum Name Record (ENR) utilities",
    {
        "view": Command(
            "View ENR contents, defaults to current actor's ENR if none provided to decode",
            _view,
            (
                flag("kv", BOOL, False, "Print the full set of Key-Value pairs"),
                optional(
                    "enr", ENR, None, "The ENR to view, url-base64 (RFC 4648). With optional 'enr:' or 'enr://' prefix."
                ),
            ),
        ),
        "gen-key": Command("Make a private key for an ENR.", _generate_key),
        "make": Command(
            "Make an ENR, incl. random private key if necessary. Merges into existing ENR settings (if any).",
            _make,
            (
                flag(
                    "from-host",
                    BOOL,
                    True,
                    "If IP, TCP and UDP should copy the libp2p host settings, if not present in the ENR already",
                ),
                flag("rm-ip", BOOL, False, ""),
                flag("ip", IP, None, "IP address dv4. Currrent ENR IP if empty."),
                flag("static-ip", IP, None, "Set a static IP in the ENR."),
                flag("fallback-ip", IP, None, f"Set a fallback IP, {_FALLBACK.format('IP')}"),
                flag("fallback-udp", UINT16, 0, f"Set a fallback UDP port, {_FALLBACK.format('port')}"),
                flag("tcp", UINT16, 9000, "TCP port. Current ENR port if 0"),
                flag("udp", UINT16, 9000, "UDP port. Current ENR port if 0"),
                flag("gen-priv", BOOL, True, "If no private key is known, and none is provided, then generate one"),
                flag("priv", PRIVATE_KEY, None, _PRIVATE_KEY_HELP),
                flag("attnets", fixed_bytes(8), bytes(8), "Attnet bitfield, as bytes."),
                flag("fork-digest", fixed_bytes(4), bytes(4), "Eth2 fork digest"),
                flag("next-fork-version", fixed_bytes(4), bytes(4), "Eth2 next fork version"),
                flag("next-fork-epoch", UINT64, 0, "Eth2 next fork epoch"),
            ),
        ),
    },
)
