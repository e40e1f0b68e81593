"""``pyrum-sync demo``: two hosts meet, and one asks the other for its status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic

from pyrum_sync import SimulatorConn, SubprocessConn
from pyrum_sync.cli.options import OK, Commands
from pyrum_sync.client.call import Call
from pyrum_sync.client.rumor import Rumor
from pyrum_sync.errors import CallTimeout
from pyrum_sync.eth2 import Status, decode
from pyrum_sync.transports.locate import find_rumor

LONG, SHORT = 5.0, 3.0  # seconds
FAST = 0.1  # of these, with --fast

Say = Callable[[str], None]


def add(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "demo",
        help="watch two hosts meet, and one ask the other for its status",
        description="Two hosts start, connect, and one asks the other for its status: on the real Rumor (the one that "
        "$RUMOR names, or `rumor` on PATH) where there is one, else on the built-in simulator. The first line says "
        "which. All stays on this machine.",
    )
    parser.add_argument("--fast", action="store_true", help="shorten the two sleeps, of 5 and 3 seconds, to a tenth")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show it; returns the exit status."""
    demo(fast=options.fast, say=partial(print, file=sys.stdout, flush=True))
    return OK


def demo(*, fast: bool = False, say: Say = print) -> None:
    """Show it on the real Rumor where one is found, else on the simulator; the first line says which."""
    program = find_rumor()
    if program is None:
        say("Rumor: the built-in simulator (there is no real one on PATH or at $RUMOR)")
    else:
        say(f"Rumor: the real one, {program}")
    conn = SubprocessConn([program, "bare", "--level=trace"]) if program is not None else SimulatorConn()
    with conn, Rumor(conn, timeout=30) as rumor:
        show(rumor, say, FAST if fast else 1.0)


def show(rumor: Rumor, say: Say, pace: float) -> None:
    """The steps, shown as they happen; `pace` shortens the sleeps."""
    alice, bob = rumor.actor("alice"), rumor.actor("bob")
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

    asked, told = Status(head_slot=42), Status(finalized_epoch=3, head_slot=123)
    with alice.rpc.status.listen(raw=True) as listener:
        request_call = bob.rpc.status.req.raw(alice_id, asked, raw=True)
        request_call.next()
        request = listener.next()
        say(f"alice was asked for her status by a host at slot {decode(Status, request['data']).head_slot}")
        alice.rpc.status.resp.chunk.raw(request["req_id"], told, done=True)
        answer = decode(Status, request_call.next()["data"])
    say(f"bob was told: finalized epoch {answer.finalized_epoch}, head slot {answer.head_slot}")
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
