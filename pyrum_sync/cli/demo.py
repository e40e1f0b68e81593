"""``pyrum-sync demo``: two hosts meet, and one asks the other for its status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from time import monotonic

from pyrum_sync import EmbeddedConn, SimulatorConn
from pyrum_sync.cli.options import OK, Commands, add_connection_options, connection
from pyrum_sync.client.call import Call
from pyrum_sync.client.commands import Actor
from pyrum_sync.client.rumor import Rumor
from pyrum_sync.errors import CallTimeout, RumorNotFound
from pyrum_sync.eth2 import Status, decode

LONG, SHORT = 5.0, 3.0  # seconds
FAST = 0.1  # of these, with --fast
_TIMEOUT = 30.0  # seconds for each step

Say = Callable[[str], None]


def add(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "demo",
        help="watch two hosts meet, and one ask the other for its status",
        description="Two hosts start, connect, and one asks the other for its status: over libp2p, each in an engine "
        "of its own; without the extra [engine] both in one engine, with a network in memory. The first line says "
        "which. All traffic stays on this machine.",
    )
    parser.add_argument("--fast", action="store_true", help="shorten the two sleeps, of 5 and 3 seconds, to a tenth")
    add_connection_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show it; returns the exit status."""
    say = partial(print, file=sys.stdout, flush=True)
    pace = FAST if options.fast else 1.0
    conn = connection(options)
    if isinstance(conn, EmbeddedConn):
        demo(say, pace)
        return OK
    with conn, Rumor(conn, timeout=_TIMEOUT) as rumor:
        say(f"Rumor: {conn!r}, {_kind(rumor)}")
        show(rumor.actor("alice"), rumor.actor("bob"), say, pace)
    return OK


def demo(say: Say = print, pace: float = 1.0) -> None:
    """Show it on two engines that meet over libp2p, or on one with a network in memory where the extra is missing.

    Args:
        say: takes each line.
        pace: what the sleeps of 5 and 3 seconds are multiplied by.
    """
    with ExitStack() as stack:
        try:
            first = stack.enter_context(Rumor(EmbeddedConn(), timeout=_TIMEOUT))
        except RumorNotFound as error:
            say(f"Rumor: the engine, with a network in memory ({error.args[0].partition(';')[0]})")
            with Rumor(SimulatorConn(), timeout=_TIMEOUT) as rumor:
                show(rumor.actor("alice"), rumor.actor("bob"), say, pace)
            return
        second = stack.enter_context(Rumor(EmbeddedConn(), timeout=_TIMEOUT))
        say("Rumor: the engine, on libp2p over TCP; alice and bob live in two processes")
        show(first.actor("alice"), second.actor("bob"), say, pace)


def _kind(rumor: Rumor) -> str:
    engine = rumor.engine
    return "a Go Rumor" if engine is None else f"the engine {engine.version}, network {engine.network}"


def show(alice: Actor, bob: Actor, say: Say, pace: float) -> None:
    """The steps, shown as they happen; `pace` shortens the sleeps."""
    for actor in (alice, bob):
        actor.host.start(nat=False)
        actor.host.listen(ip="127.0.0.1", tcp=0)
        say(f"{actor.name} listens on {actor.host.view().addr()}")

    say(f"alice sleeps {LONG * pace:g} s and, side by side, {SHORT * pace:g} s")
    began = monotonic()
    long_call = alice.nowait.sleep(f"{LONG * pace}s")
    short_call = alice.nowait.sleep(f"{SHORT * pace}s")
    with progress(LONG * pace) as passing:
        wait(short_call, passing)
        short_took = monotonic() - began
        wait(long_call, passing)
    say(f"the short sleep ended after {short_took:.1f} s, the long one after {monotonic() - began:.1f} s")

    alice.peer.connect(bob.host.view().addr())
    peers = alice.peer.list("all", details=True).data["peers"]
    bob_id, alice_id = bob.host.view().peer_id(), alice.host.view().peer_id()
    say(f"alice is connected to bob, whose agent is {peers[bob_id].get('user_agent')!r}")

    asked, answered = Status(head_slot=42), Status(finalized_epoch=3, head_slot=123)
    with alice.rpc.status.listen(raw=True) as listener:
        request_call = bob.rpc.status.req.raw(alice_id, asked, raw=True)
        request_call.next()
        request = listener.next()
        say(f"alice was asked for her status by a host at slot {decode(Status, request['data']).head_slot}")
        alice.rpc.status.resp.chunk.raw(request["req_id"], answered, done=True)
        answer = decode(Status, request_call.next()["data"])
    say(f"alice answered: finalized epoch {answer.finalized_epoch}, head slot {answer.head_slot}")
    alice.kill()
    bob.kill()


def wait(call: Call, passing: Callable[[], None]) -> None:
    """Wait for a call, and show that time passes."""
    while True:
        try:
            call.wait(timeout=0.1)
            return
        except CallTimeout:
            passing()


@contextmanager
def progress(seconds: float) -> Iterator[Callable[[], None]]:
    """A bar that fills as time passes; nothing if stdout is no terminal."""
    try:
        from rich.progress import Progress
    except ImportError:
        yield lambda: None
        return
    began = monotonic()
    with Progress(transient=True, disable=not sys.stdout.isatty()) as bar:
        task = bar.add_task("sleeping", total=seconds)
        yield lambda: bar.update(task, completed=monotonic() - began)
