"""``peer``: connections, and what is known of peers (Rumor's control/actor/peer)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from pyrum_sync.engine.commands.actor import Actor
from pyrum_sync.engine.commands.arguments import Option, flag, optional, required
from pyrum_sync.engine.commands.base import Command, Group, Missing, Run
from pyrum_sync.engine.commands.metadata import METADATA
from pyrum_sync.engine.commands.option_types import ADDRESS, BOOL, DURATION, PEER_ID, STRING, NodeAddress
from pyrum_sync.engine.commands.status import STATUS
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, DeadlineExceeded, Host, NetworkError
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.spec import peer_id
from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.multiaddr import Multiaddr

_SECOND = 10**9


async def _connect(run: Run) -> None:
    host = run.host
    where: NodeAddress = run.args.any("addr")
    peer = where.peer
    if peer is None:
        raise CommandError("invalid p2p multiaddr")
    if not where.is_multiaddr and run.actor.store().update_record(peer, where.record):
        run.info("added ENR data to peerstore")
    await _connect_to_one(host, where.addresses, run.deadline("timeout"))
    run.info("connected to peer", peer_id=peer)
    tag = run.args.text("tag")
    if tag:
        host.protect(peer, tag)
        run.info(f"tagged peer {peer} as {tag}")


async def _connect_to_one(host: Host, addresses: Sequence[Multiaddr], deadline: Deadline) -> None:
    """Connects to the first address that can be reached, all within the deadline."""
    failure: NetworkError | None = None
    for address in addresses:
        try:
            await host.connect(address, deadline)
        except DeadlineExceeded as error:
            failure = error
            break
        except NetworkError as error:
            failure = error
        else:
            return
    raise CommandError(str(failure))


async def _disconnect(run: Run) -> None:
    peer = run.args.text("peer-id")
    await run.host.disconnect(peer)
    run.info(f"disconnected peer {peer}")


async def _protect(run: Run) -> None:
    peer, tag = run.args.text("peer-id"), run.args.text("tag")
    run.host.protect(peer, tag)
    run.info(f"protected peer {peer} as {tag}")


async def _unprotect(run: Run) -> None:
    peer, tag = run.args.text("peer-id"), run.args.text("tag")
    run.host.unprotect(peer, tag)
    run.info(f"un-protected peer {peer} as {tag}")


async def _add(run: Run) -> None:
    where: NodeAddress = run.args.any("addr")
    peer = where.peer or run.args.text("peer-id")
    if not peer:
        raise CommandError("missing peer ID")
    store = run.actor.store()
    known = store.network.record(peer)
    for address in where.addresses:
        if address.host is not None:
            known.add_address(address)
    if not where.is_multiaddr and store.update_record(peer, where.record):
        run.info("updated ENR data in peerstore")


async def _trim(run: Run) -> None:
    host = run.host
    run.info("trimming peers")
    try:
        await deadlines.within(host.trim(), run.deadline("timeout"))
    except NetworkError as error:
        raise CommandError(str(error)) from None
    run.info("Done trimming peers")


async def _identify(run: Run) -> None:
    host = run.host
    if not host.identifies:
        raise CommandError("libp2p identify not enabled on this host")
    peer = run.args.text("peer-ID")
    if peer not in host.peers():
        raise CommandError("not connected to peer, cannot await connection identify")
    try:
        await host.identify(peer, run.deadline("timeout"))
    except DeadlineExceeded:
        run.info("awaiting identification timed out")  # no failure in Rumor (peer/identify.go)
    except NetworkError as error:
        raise CommandError(str(error)) from None
    else:
        run.info("completed identification")


async def _addrs(run: Run) -> None:
    host = run.host
    peer = run.args.text("peer-id")
    if not peer:
        run.info("host addrs", addrs=[str(address) for address in host.addresses()] or None)
        return
    known = run.actor.store().network.find(peer).addresses
    shown = [base64.b64encode(address.binary()).decode() for address in known]
    run.info(f"addrs for peer {peer}", addrs=shown)


def _all_data(run: Run, peer: str) -> dict[str, Any]:
    """All that is known of a peer; what is not known is left out."""
    store = run.actor.store()
    record = store.network.find(peer)
    try:
        public_key = peer_id.secp256k1_key(peer).hex()
    except ValueError as error:
        raise CommandError(f"{error} (this kills a Rumor)") from None
    data: dict[str, Any] = {
        "peer_id": peer,
        "node_id": peer_id.node_id(peer),
        "pubkey": public_key,
        "addrs": [str(address) for address in record.addresses],
        "protocols": sorted(record.protocols),
        "latency": store.latency_ns.get(peer),
        "user_agent": record.agent,
        "protocol_version": record.protocol_version,
        "metadata": store.metadata[peer].json() if peer in store.metadata else None,
        "claimed_seq": store.claimed.get(peer),
        "status": store.statuses[peer].json() if peer in store.statuses else None,
    }
    return {name: value for name, value in data.items() if value} | _record_data(store.records.get(peer))


def _record_data(record: Record | None) -> dict[str, Any]:
    if record is None:
        return {}
    data: dict[str, Any] = {}
    if record.eth2 is not None:
        data["enr_fork_digest"] = f"0x{record.eth2.fork_digest.hex()}"
        data["enr_next_fork_version"] = f"0x{record.eth2.next_fork_version.hex()}"
        data["enr_next_fork_epoch"] = record.eth2.next_fork_epoch
    if record.attnets is not None:
        data["enr_attnets"] = f"0x{record.attnets.hex()}"
    return data | {"enr": str(record)}


async def _info(run: Run) -> None:
    data = _all_data(run, run.args.text("peer-ID"))
    run.info("peer info", **{"protocols": [], **data})


async def _list(run: Run) -> None:
    which = run.args.text("which")
    if which == "all":
        peers = run.actor.store().network.peers()
    elif which == "connected":
        peers = run.host.peers()
    else:
        raise CommandError(f"invalid peer selection type: {which}")
    shown: Any = {peer: _all_data(run, peer) for peer in peers} if run.args.on("details") else peers
    run.info(f"{len(peers)} peers", peers=shown)


def _peer(name: str, help_text: str) -> Option:
    return required(name, PEER_ID, help_text)


def _needs_store(actor: Actor) -> None:
    actor.store()


PEER = Group(
    "Manage peers",
    {
        "connect": Command(
            "Connect to peer.",
            _connect,
            (
                flag("timeout", DURATION, 10 * _SECOND, "connection timeout, 0 to disable"),
                required("addr", ADDRESS, "ENR, enode or multi address to connect to"),
                optional("tag", STRING, "", "Optionally tag the peer upon connection, e.g. tag 'bootnode'"),
            ),
        ),
        "disconnect": Command(
            "Close all open connections with the given peer",
            _disconnect,
            (_peer("peer-id", "The peer to close all connections of"),),
        ),
        "connectall": Missing("peer connectall"),
        "protect": Command(
            "Protect a peer by giving it a tag",
            _protect,
            (_peer("peer-id", "The peer to protect with a tag"), required("tag", STRING, "Tag to give to the peer")),
        ),
        "unprotect": Command(
            "Unprotect a peer by removing a tag",
            _unprotect,
            (
                _peer("peer-id", "The peer to un-protect with a tag"),
                required("tag", STRING, "Tag to remove from the peer"),
            ),
        ),
        "add": Command(
            "Add the address of a peer to the peerstore. If an ENR is provided, update ENR values as well.",
            _add,
            (
                flag("peer-id", PEER_ID, "", "If not present in the address, manually specify the peer ID."),
                flag("ttl", DURATION, 480 * 3600 * _SECOND, "How long the address should be kept around."),
                required("addr", ADDRESS, "ENR, enode or multi address to add."),
            ),
        ),
        "trim": Command(
            "Trim peers, with timeout.", _trim, (optional("timeout", DURATION, 2 * _SECOND, "Timeout for trimming."),)
        ),
        "list": Command(
            "List peers.",
            _list,
            (
                optional("which", STRING, "connected", "Which peers to list, possible values: 'all', 'connected'."),
                flag("details", BOOL, False, "List detailed data of each peer"),
            ),
        ),
        "info": Command("Read info about a specific peer from the peerstore.", _info, (_peer("peer-ID", "peer ID"),)),
        "identify": Command(
            "Identify peer (requires host start --identify=true).",
            _identify,
            (
                flag("timeout", DURATION, 10 * _SECOND, "connection timeout, 0 to disable"),
                _peer("peer-ID", "peer ID"),
            ),
        ),
        "track": Missing("peer track"),
        "addrs": Command(
            "View known addresses of [peerID]. Defaults to local addresses if no peer id is specified.",
            _addrs,
            (optional("peer-id", PEER_ID, "", "The peer to view addresses of, or local peer if omitted."),),
        ),
        "status": STATUS,
        "metadata": METADATA,
    },
    gate=_needs_store,
)
