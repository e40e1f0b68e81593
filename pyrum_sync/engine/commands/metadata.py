"""``peer metadata``: this actor's metadata, and those of peers (Rumor's control/actor/peer/metadata)."""

from __future__ import annotations

import time

from pyrum_sync.engine.commands.arguments import Option, flag, optional, required
from pyrum_sync.engine.commands.base import Command, Group, Run
from pyrum_sync.engine.commands.eth2 import DecodeError, MetaData, decode_uint64
from pyrum_sync.engine.commands.incoming import Incoming
from pyrum_sync.engine.commands.listening import Handler, listen
from pyrum_sync.engine.commands.option_types import BOOL, DURATION, PEER_ID, UINT64, fixed_bytes
from pyrum_sync.engine.commands.polling import poll
from pyrum_sync.engine.commands.protocols import first
from pyrum_sync.engine.commands.reqresp import Request, fetch
from pyrum_sync.engine.commands.status import COMPRESSION_FLAG, SERVE_TIMEOUT, refuse
from pyrum_sync.engine.network.api import NetworkError
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.spec.codec import SUCCESS

_SECOND = 10**9


async def _get(run: Run) -> None:
    actor = run.actor
    run.info("Metadata settings", following=actor.follows_metadata, metadata=actor.metadata.shown())


async def _set(run: Run) -> None:
    args, actor = run.args, run.actor
    seq_number, attnets = args.number("seq-number"), args.data("attnets")
    if args.on("merge"):
        seq_number = seq_number or actor.metadata.seq_number
        attnets = attnets if any(attnets) else actor.metadata.attnets
    actor.metadata = MetaData(seq_number, attnets)
    await _get(run)


async def _follow(run: Run) -> None:
    run.actor.follows_metadata = run.args.on("following")
    run.info("Metadata follow settings", following=run.actor.follows_metadata)


async def _fetch(run: Run, peer: str, timeout: str) -> tuple[int, str, MetaData | None]:
    """Asks for metadata and keeps them; `timeout` names the flag that is the time limit."""
    request = Request(peer, first("metadata", run.args.text("compression")), b"", run.deadline(timeout))
    code, text, data = await fetch(run, request)
    if code != SUCCESS:
        return code, text, None
    metadata = MetaData.decode(data)
    run.actor.store().register_metadata(peer, metadata)
    return code, text, metadata


async def request_metadata(run: Run, peer: str, timeout: str = "timeout") -> None:
    """Asks one peer for its metadata, logs and keeps them."""
    _ = run.host
    try:
        code, text, metadata = await _fetch(run, peer, timeout)
    except (NetworkError, DecodeError) as error:
        raise CommandError(f"failed to fetch metadata: {error}") from None
    if metadata is None:
        run.debug("metadata request non-success", code=code, msg=text)
    else:
        run.debug("metadata request success", code=code, **metadata.shown())


async def _request(run: Run) -> None:
    await request_metadata(run, run.args.text("peer-id"))


def _wants_update(run: Run, peer: str, claimed: int) -> bool:
    """Whether a ping or pong with that number makes the peer's metadata worth asking for."""
    if run.args.on("force-update"):
        return True
    store = run.actor.store()
    known = store.metadata.get(peer)
    if not run.args.on("update") or (known is not None and known.seq_number >= claimed):
        return False
    return store.count_fetch(peer) <= run.args.number("max-tries")


async def ping(run: Run, peer: str) -> None:
    """Pings one peer, and asks for its metadata if they are newer than what is known."""
    _ = run.host
    store = run.actor.store()
    start = time.perf_counter_ns()
    data = run.actor.metadata.seq_number.to_bytes(8, "little")
    request = Request(peer, first("ping", run.args.text("compression")), data, run.deadline("timeout"))
    try:
        code, text, answer = await fetch(run, request)
        pong = decode_uint64(answer) if code == SUCCESS else 0
    except (NetworkError, DecodeError) as error:
        raise CommandError(f"failed to ping: {error}") from None
    store.record_latency(peer, time.perf_counter_ns() - start)
    if code == SUCCESS:
        run.debug("ping request success", code=code, pong=pong)
        store.claim(peer, pong)
    else:
        run.debug("ping request non-success", code=code, msg=text)
    if _wants_update(run, peer, pong):
        await _update_upon_pong(run, peer, pong)


async def _update_upon_pong(run: Run, peer: str, pong: int) -> None:
    run.debug("Got pong, following up with metadata request", pong=pong)
    try:
        code, text, metadata = await _fetch(run, peer, "update-timeout")
    except (NetworkError, DecodeError) as error:
        raise CommandError(f"failed to fetch metadata upon pong: {error}") from None
    if metadata is None:
        run.debug("metadata request upon pong non-success", code=code, msg=text)
    else:
        run.debug("metadata request upon pong success", code=code, metadata=metadata.shown())


async def _ping(run: Run) -> None:
    await ping(run, run.args.text("peer-id"))


async def _poll(run: Run) -> None:
    poll(run, lambda peer: ping(run, peer))


async def _pong(run: Run) -> None:
    async def handle(incoming: Incoming) -> None:
        peer = incoming.peer
        try:
            claimed = decode_uint64(incoming.data())
        except DecodeError as error:
            refuse(run, incoming, "ping", error)
            return
        _answer(run, incoming, "ping", run.actor.metadata.seq_number.to_bytes(8, "little"))
        run.actor.store().claim(peer, claimed)
        if _wants_update(run, peer, claimed):
            run.spawn(follow_up(peer))

    async def follow_up(peer: str) -> None:
        try:
            await request_metadata(run, peer, "update-timeout")
        except CommandError as error:
            message = f"failed to request metadata as follow up to ping request: {error}"
            run.call.log(Level.WARNING, message, {"from": peer})

    _serve_with(run, "ping", "pongs", handle)


async def _serve(run: Run) -> None:
    async def handle(incoming: Incoming) -> None:
        _answer(run, incoming, "metadata", run.actor.metadata.encode())

    _serve_with(run, "metadata", "metadata", handle)


def _answer(run: Run, incoming: Incoming, what: str, data: bytes) -> None:
    fields = {"from": incoming.peer}
    try:
        incoming.respond(SUCCESS, data)
    except NetworkError as error:
        run.call.log(Level.WARNING, f"failed to respond to {what} request: {error}", fields)
    else:
        run.call.log(Level.INFO, f"handled {what} request", fields)


def _serve_with(run: Run, method: str, served: str, handle: Handler) -> None:
    stop = listen(run, first(method, run.args.text("compression")), run.args.seconds("timeout"), handle)
    run.info(f"Started serving {served}", started=True)

    def stopped() -> None:
        stop()
        run.info(f"Stopped serving {served}")

    run.call.register_stop(stopped)


def _update_options(event: str, suffix: str = "") -> tuple[Option, ...]:
    past = "results in an already known pong seq nr" if event == "pong" else "is an already past seq nr"
    return (
        flag("update", BOOL, True, f"If the seq nr {event} is higher than known, request metadata"),
        flag("force-update", BOOL, False, f"Force a metadata request, even if the ping {past}"),
        flag(
            "update-timeout",
            DURATION,
            10 * _SECOND,
            f"If updating, use this timeout for the update request, 0 to disable.{suffix}",
        ),
        flag("max-tries", UINT64, 20, f"How many times an update should be attempted after learning about a {event}"),
    )


METADATA = Group(
    "Manage and track peer metadata",
    {
        "ping": Command(
            "Ping a connected peer to get their seq nr, optionally req metadata after.",
            _ping,
            (
                flag("timeout", DURATION, 10 * _SECOND, "request timeout for ping, 0 to disable"),
                COMPRESSION_FLAG,
                *_update_options("pong"),
                required("peer-id", PEER_ID, "Peer to fetch metadata from."),
            ),
        ),
        "pong": Command(
            "Serve incoming ping requests: pong back, and optionally request metadata back",
            _pong,
            (
                SERVE_TIMEOUT,
                COMPRESSION_FLAG,
                *_update_options("ping", " Independent of the ping handling timeout."),
            ),
        ),
        "get": Command("Get current metadata and if following automatically or not.", _get),
        "set": Command(
            "Set (a part of) the current status and if following the chain or not.",
            _set,
            (
                flag("seq-number", UINT64, 0, "Seq Number of metadata"),
                flag("attnets", fixed_bytes(8), bytes(8), "Attestation nets bitfield as bytes"),
                flag("merge", BOOL, True, "If true, only apply non-zero options to state"),
            ),
        ),
        "req": Command(
            "Fetch metadata of connected peer (without pinging first).",
            _request,
            (
                flag("timeout", DURATION, 10 * _SECOND, "request timeout, 0 to disable"),
                COMPRESSION_FLAG,
                required("peer-id", PEER_ID, "Peer to fetch metadata from."),
            ),
        ),
        "poll": Command(
            "Ping all connected peers, repeatedly on the given interval. Optionally update if seq nr is new.",
            _poll,
            (
                flag("timeout", DURATION, 10 * _SECOND, "request timeout for ping, 0 to disable."),
                flag(
                    "interval",
                    DURATION,
                    20 * _SECOND,
                    "interval to send pings to peers on, applied as timeout to a round of work",
                ),
                *_update_options("pong"),
                COMPRESSION_FLAG,
            ),
        ),
        "serve": Command("Serve incoming metadata requests", _serve, (SERVE_TIMEOUT, COMPRESSION_FLAG)),
        "follow": Command(
            "Enable or disable automatic metadata updating",
            _follow,
            (optional("following", BOOL, True, "If the metadata should automatically follow the latest information"),),
        ),
    },
)
