"""``peer status``: this actor's status, and those of peers (Rumor's control/actor/peer/status)."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from pyrum_sync.engine.commands.arguments import flag, optional, required
from pyrum_sync.engine.commands.base import Command, Group, Run
from pyrum_sync.engine.commands.eth2 import DecodeError, Status
from pyrum_sync.engine.commands.incoming import Incoming
from pyrum_sync.engine.commands.listening import listen
from pyrum_sync.engine.commands.option_types import BOOL, COMPRESSION, DURATION, PEER_ID, UINT64, fixed_bytes
from pyrum_sync.engine.commands.polling import poll
from pyrum_sync.engine.commands.protocols import first
from pyrum_sync.engine.commands.reqresp import Request, fetch
from pyrum_sync.engine.network.api import NetworkError
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.spec.codec import INVALID_REQUEST, SUCCESS

_SECOND = 10**9
_COMPRESSION_HELP = "Compression. 'none' to disable, 'snappy' for streaming-snappy"
COMPRESSION_FLAG = flag("compression", COMPRESSION, "snappy", _COMPRESSION_HELP)
SERVE_TIMEOUT = flag(
    "timeout",
    DURATION,
    10 * _SECOND,
    "Apply timeout of n milliseconds to each stream (complete request <> response time). 0 to Disable timeout",
)


async def _get(run: Run) -> None:
    actor = run.actor
    run.info("Status settings", following=actor.follows_status, status=actor.status.shown())


async def _set(run: Run) -> None:
    args, actor = run.args, run.actor
    given = Status(
        fork_digest=args.data("fork-digest"),
        finalized_root=args.data("finalized-root"),
        finalized_epoch=args.number("finalized-epoch"),
        head_root=args.data("head-root"),
        head_slot=args.number("head-slot"),
    )
    nothing = Status()
    if args.on("merge"):
        changes = {name: value for name, value in vars(given).items() if value != getattr(nothing, name)}
        given = replace(actor.status, **changes)
    actor.status = given
    await _get(run)


async def _follow(run: Run) -> None:
    run.actor.follows_status = run.args.on("following")
    run.info("Status follow settings", following=run.actor.follows_status)


async def request_status(run: Run, peer: str) -> None:
    """Asks one peer for its status, logs and keeps it."""
    _ = run.host
    data = run.actor.status.encode()
    request = Request(peer, first("status", run.args.text("compression")), data, run.deadline("timeout"))
    try:
        code, text, data = await fetch(run, request)
        status = Status.decode(data) if code == SUCCESS else None
    except (NetworkError, DecodeError) as error:
        raise CommandError(f"failed to fetch status: {error}") from None
    if status is None:
        run.debug("status request non-success", code=code, msg=text)
        return
    run.actor.store().statuses[peer] = status
    run.debug("status request success", code=code, **status.shown())


async def _request(run: Run) -> None:
    await request_status(run, run.args.text("peer-id"))


async def _poll(run: Run) -> None:
    poll(run, lambda peer: request_status(run, peer))


async def _serve(run: Run) -> None:
    async def handle(incoming: Incoming) -> None:
        peer = incoming.peer
        try:
            status = Status.decode(incoming.data())
        except DecodeError as error:
            refuse(run, incoming, "status", error)
            return
        run.actor.store().statuses[peer] = status
        fields = {"from": peer, "data": status.json()}
        try:
            incoming.respond(SUCCESS, run.actor.status.encode())
        except NetworkError as error:
            run.call.log(Level.WARNING, f"failed to respond to status request: {error}", fields)
        else:
            run.call.log(Level.INFO, "handled status request", fields)

    stop = listen(run, first("status", run.args.text("compression")), run.args.seconds("timeout"), handle)
    run.info("Started serving status", started=True)

    def stopped() -> None:
        stop()
        run.info("Stopped serving status")

    run.call.register_stop(stopped)


def refuse(run: Run, incoming: Incoming, what: str, error: Exception) -> None:
    """Answers a request that cannot be read."""
    fields = {"from": incoming.peer, "input_err": str(error)}
    # when the requester is gone, the warning below still shows the request
    with contextlib.suppress(NetworkError):
        incoming.respond(INVALID_REQUEST, f"could not parse {what} request".encode())
    run.call.log(Level.WARNING, f"failed to read {what} request: {error}", fields)


_ROOT, _DIGEST = fixed_bytes(32), fixed_bytes(4)

STATUS = Group(
    "Manage and track peer status",
    {
        "get": Command("Get current status and if following the chain or not.", _get),
        "set": Command(
            "Set (a part of) the current status and if following the chain or not.",
            _set,
            (
                flag("fork-digest", _DIGEST, bytes(4), "Fork digest"),
                flag("head-root", _ROOT, bytes(32), "Head root"),
                flag("head-slot", UINT64, 0, "Head slot"),
                flag("finalized-root", _ROOT, bytes(32), "Finalized root"),
                flag("finalized-epoch", UINT64, 0, "Finalized epoch"),
                flag("merge", BOOL, True, "If true, only apply non-zero options to state"),
            ),
        ),
        "req": Command(
            "Fetch status of connected peer.",
            _request,
            (
                flag("timeout", DURATION, 10 * _SECOND, "request timeout, 0 to disable"),
                COMPRESSION_FLAG,
                required("peer-id", PEER_ID, "Peer to fetch status from."),
            ),
        ),
        "poll": Command(
            "Fetch status of all connected peers, repeatedly on the given interval.",
            _poll,
            (
                flag("timeout", DURATION, 5 * _SECOND, "request timeout, 0 to disable."),
                flag(
                    "interval",
                    DURATION,
                    12 * _SECOND,
                    "interval to request status of peers on, applied as timeout to a round of work",
                ),
                COMPRESSION_FLAG,
            ),
        ),
        "serve": Command("Serve incoming status requests", _serve, (SERVE_TIMEOUT, COMPRESSION_FLAG)),
        "follow": Command(
            "Enable or disable automatic status updating based on followed chain",
            _follow,
            (
                optional(
                    "following", BOOL, True, "If the status should automatically follow the current chain (if any)"
                ),
            ),
        ),
    },
)
