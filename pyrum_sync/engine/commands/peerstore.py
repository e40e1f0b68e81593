"""``peerstore``: create, switch, list (Rumor's control/actor/peerstore)."""

from __future__ import annotations

import secrets

from pyrum_sync.engine.about import ENGINE
from pyrum_sync.engine.commands.arguments import flag, optional, required
from pyrum_sync.engine.commands.base import Command, Group, Run
from pyrum_sync.engine.commands.option_types import BOOL, STRING
from pyrum_sync.engine.commands.peerstores import ExtendedPeerstore, Peerstores
from pyrum_sync.engine.session.commands import CommandError


def create_store(stores: Peerstores, name: str) -> ExtendedPeerstore:
    """Makes a peerstore, with a random name if none is given."""
    store = stores.create(name or secrets.token_hex(24))
    if store is None:
        raise CommandError("failed to share peerstore: peerstore already existed")
    return store


async def _create(run: Run) -> None:
    args = run.args
    kind, path = args.text("store-type"), args.text("store-path").strip()
    if kind in ("leveldb", "badger"):
        if not path:
            raise CommandError(f"store type '{kind}' requires a store path to be set")
        raise CommandError(f"store type '{kind}' is not in {ENGINE}, only 'mem'")
    if kind not in ("", "mem"):
        raise CommandError(f"unrecognized store type: {kind}")
    if path:
        raise CommandError("memory peerstore cannot have store path")
    store = create_store(run.actor.world.peerstores, args.text("id"))
    if args.on("switch"):
        _switch_to(run, store)


def _switch_to(run: Run, store: ExtendedPeerstore) -> None:
    run.actor.switch(store)
    if run.actor.host is not None:
        store.network.record(run.actor.host.peer_id)


async def _switch(run: Run) -> None:
    name = run.args.text("id")
    store = run.actor.world.peerstores.find(name)
    if store is None:
        raise CommandError(f"peerstore {name} does not exist")
    _switch_to(run, store)
    run.info("Switched peerstore", store=name)


async def _list(run: Run) -> None:
    stores = run.actor.world.peerstores
    run.info(f"Got {len(stores.names())} peerstores", stores=stores.names())
    current = run.actor.peerstore
    if current is None:
        run.info("No current peerstore", current="")
    else:
        run.info("Current peerstore", current=stores.name_of(current))


PEERSTORE = Group(
    "Manage peerstores",
    {
        "create": Command(
            "Create and activate a peerstore",
            _create,
            (
                optional("id", STRING, "", "ID of the peerstore, random otherwise"),
                flag("switch", BOOL, True, "If the host should immediately switch to the newly created peerstore"),
                flag("store-type", STRING, "mem", "The type of datastore to use. Options: 'mem', 'leveldb', 'badger'"),
                flag("store-path", STRING, "", "The path of the datastore, must be empty for memory store."),
            ),
        ),
        "switch": Command("Switch peerstore", _switch, (required("id", STRING, "ID of the peerstore to switch to"),)),
        "list": Command("List peerstores and identify current peerstore", _list),
    },
)
