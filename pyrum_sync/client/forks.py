"""What the client loads when it is first needed is loaded before a fork.

A module that another thread is loading at the moment of a fork stays half loaded in the child, and a thread that asks
for it there waits for ever: the one that would finish it does not exist.
"""

from __future__ import annotations

import os
import sys

# What a call may load, whichever thread makes it.
LATE = (
    "catalogue.help",
    "catalogue.rows",
    "catalogue.rows_chain",
    "catalogue.rows_network",
    "catalogue.rows_rpc",
    "catalogue.rows_tools",
    "client.attach",
    "client.field",
    "client.scripts",
    "client.steps",
    "client.verbs",
    "protocol.engine_info",
    "spec.notebook",
    "transports.custom",
)


def _load() -> None:
    for name in LATE:
        __import__(f"pyrum_sync.{name}")
    for name in tuple(sys.modules):
        if name.startswith("pyrum_sync."):
            __import__(name)  # waits for a thread that is just loading it


os.register_at_fork(before=_load)
