"""``host``: start, stop, view, listen, notify (Rumor's control/actor/host)."""

from __future__ import annotations

from collections.abc import Sequence

from pyrum_sync.engine import about
from pyrum_sync.engine.commands.actor import Actor
from pyrum_sync.engine.commands.arguments import Option, flag
from pyrum_sync.engine.commands.base import Command, Group, Run
from pyrum_sync.engine.commands.option_types import BOOL, DURATION, INT, IP, PRIVATE_KEY, STRING, STRINGS, UINT16
from pyrum_sync.engine.commands.peerstore import create_store
from pyrum_sync.engine.network.api import (
    Event,
    HostOptions,
    ListenClosed,
    ListenOpened,
    NetworkError,
    StreamClosed,
    StreamOpened,
)
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.spec import secp256k1
from pyrum_sync.spec.multiaddr import Multiaddr

_SECOND = 10**9

_START_OPTIONS = (
    flag("priv", PRIVATE_KEY, None, "hex-encoded private key for libp2p host. Random if none is specified."),
    flag("transport", STRINGS, ["tcp"], "Transports to use. Options: tcp, ws"),
    flag("mux", STRINGS, ["yamux", "mplex"], "Multiplexers to use"),
    flag(
        "security",
        STRINGS,
        ["noise", "secio"],
        "Security to use. Multiple can be selected, order matters. Options: secio, noise, tls, none",
    ),
    flag("relay", BOOL, False, "enable relayer functionality"),
    flag("lo-peers", INT, 15, "low-water for connection manager to trim peer count to"),
    flag("hi-peers", INT, 20, "high-water for connection manager to trim peer count from"),
    flag("peer-grace-period", DURATION, 20 * _SECOND, "Time to grace a peer from being trimmed"),
    flag("nat", BOOL, True, "enable nat address discovery (upnp/pmp)"),
    flag("agent", STRING, "Rumor", "user agent string to use in libp2p identify protocol"),
    flag("identify", BOOL, True, "Enable the libp2p identify protocol"),
    flag("identify-first", BOOL, True, "Try and identify upon connecting with the host"),
    flag("libp2p-ping", BOOL, False, "Enable the libp2p ping background service"),
    flag("negotiation-timeout", DURATION, 60 * _SECOND, "Time to allow for negotiation. Negative to disable."),
    flag("signed-peer-records", BOOL, False, "Use signed peer records"),
)


def _choose_key(run: Run) -> bytes:
    actor = run.actor
    given: bytes | None = run.args.any("priv")
    if given is None:
        if actor.private_key is None:
            actor.private_key = secp256k1.new_private_key().to_bytes(32, "big")
            run.info("Generated random Secp256k1 private key", priv=actor.private_key.hex())
        return actor.private_key
    if actor.private_key not in (None, given):
        raise CommandError("cannot overwrite existing actor private key: cannot change private key")
    actor.private_key = given
    return given


def _refuse_missing(run: Run) -> None:
    """Refuses what the engine does not have, where it was written; the same as a default of Rumor's is passed over."""
    for name in ("nat", "relay"):
        if run.args.given(name) and run.args.on(name):
            raise CommandError(f"--{name}=true is not in {about.ENGINE}, only in a real Rumor")


def _words(run: Run, name: str) -> tuple[str, ...]:
    return tuple(word.strip().lower() for word in run.args.any(name))


def _check_choices(run: Run) -> None:
    """Refuses words that Rumor does not know; what a network makes of the others is its own affair."""
    for name, known in (("transport", ("tcp", "ws")), ("mux", ("yamux", "mplex"))):
        for word in _words(run, name):
            if word not in known:
                raise CommandError(f"could not recognize {name} {word}")
    security = run.args.any("security")
    for word in security:
        if word == "none" and len(security) > 1:
            raise CommandError("cannot mix secure transport protocols with no-security")
        if word not in ("none", "secio", "noise", "tls"):
            raise CommandError(f"could not recognize security {word}")


async def _start(run: Run) -> None:
    actor, args = run.actor, run.args
    if actor.host is not None:
        raise CommandError("already have a host open")
    _refuse_missing(run)
    private_key = _choose_key(run)
    _check_choices(run)
    if actor.peerstore is None:
        actor.unnamed_store = create_store(actor.world.peerstores, "")
        actor.switch(actor.unnamed_store)
    options = HostOptions(
        private_key=private_key,
        agent=about.agent(args.text("agent"), actor.world.network.name),
        lo_peers=args.number("lo-peers"),
        hi_peers=args.number("hi-peers"),
        grace_seconds=args.number("peer-grace-period") / 1e9,
        identify=args.on("identify"),
        identify_first=args.on("identify-first"),
        ping=args.on("libp2p-ping"),
        transports=_words(run, "transport"),
        muxers=_words(run, "mux"),
        # secio, which Rumor has besides by default, is spoken by nobody today
        security=tuple(args.any("security")) if args.given("security") else HostOptions.security,
        negotiation_timeout=_negotiation_timeout(run),
        signed_peer_records=args.on("signed-peer-records"),
    )
    try:
        actor.host = await actor.world.network.new_host(options, actor.known_peers())
    except NetworkError as error:
        raise CommandError(str(error)) from None


def _negotiation_timeout(run: Run) -> float | None:
    """Seconds; as in Rumor (custom/host.go), 0 means the default and less than 0 none."""
    nanoseconds = run.args.number("negotiation-timeout")
    return None if nanoseconds < 0 else nanoseconds / 1e9 or HostOptions.negotiation_timeout


async def _stop(run: Run) -> None:
    if run.actor.host is None:
        raise CommandError("no host was open")
    await run.actor.host.close()
    run.actor.host = None


async def _view(run: Run) -> None:
    host = run.host
    run.info("Peer ID", peer_id=host.peer_id)
    for position, address in enumerate(host.addresses()):
        run.info(f"Listening address {position}", addr=f"{address}/p2p/{host.peer_id}")
    if run.actor.record is not None:
        run.info("ENR", enr=str(run.actor.record.record()))


async def _listen(run: Run) -> None:
    host = run.host
    address = Multiaddr.tcp(run.args.any("ip") or "0.0.0.0", run.args.number("tcp"))
    try:
        await host.listen(address)
    except NetworkError as error:
        raise CommandError(str(error)) from None
    run.info("started listening on address", addr=f"{address}/p2p/{host.peer_id}")


_EVENTS = {
    "listen_open": "opened network listener",
    "listen_close": "closed network listener",
    "connection_open": "new peer connection",
    "connection_close": "peer disconnected",
    "stream_open": "opened stream",
    "stream_close": "closed stream",
}


def _wanted(words: Sequence[str]) -> set[str]:
    wanted: set[str] = set()
    for word in (w.strip() for w in words):
        if word in _EVENTS:
            wanted.add(word)
        elif word == "all":
            wanted.update(_EVENTS)
        elif word in ("listen", "connection", "stream"):
            wanted.update({f"{word}_open", f"{word}_close"})
        elif word:
            raise CommandError(f"unrecognized notification type: {word}")
    return wanted


async def _notify(run: Run) -> None:
    host = run.host
    wanted = _wanted(run.args.rest)

    def happened(event: Event) -> None:
        if event.name not in wanted:
            return
        fields: dict[str, object] = {"event": event.name}
        if isinstance(event, (ListenOpened, ListenClosed)):
            fields["addr"] = str(event.address)
        else:
            fields |= {"peer": event.peer, "direction": event.direction}
        if isinstance(event, (StreamOpened, StreamClosed)):
            fields["protocol"] = event.protocol
        run.debug(_EVENTS[event.name], **fields)

    run.call.register_stop(host.observe(happened).end)


class _Listen(Command):
    """`host listen`, whose port is by default that of the actor's ENR."""

    def options_for(self, actor: Actor) -> Sequence[Option]:
        """The options, as they are for that actor."""
        port = 9000 if actor.record is None else actor.record.record().tcp or 0
        return (
            flag("ip", IP, None, "If no IP is specified, network interfaces are checked for one."),
            flag("tcp", UINT16, port, "If no tcp port is specified, it defaults to the ENR TCP port."),
        )


HOST = Group(
    "Manage the libp2p host",
    {
        "start": Command(
            "Start the host node. See flags for security, transport, mux etc. options", _start, _START_OPTIONS
        ),
        "stop": Command("Stop the host node.", _stop),
        "view": Command("View local peer ID, listening addresses, etc.", _view),
        "listen": _Listen("Start listening on given address (see option flags).", _listen),
        "notify": Command("Get notified of specific events, as long as the command runs.", _notify),
    },
    # Rumor's own help names a command here that it does not have, and leaves out notify
    shown=("start", "stop", "view", "listen", "event"),
)
