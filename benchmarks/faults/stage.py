"""What a script has in its hands: where the other side is, and how to tell the one who watches what happens."""

from __future__ import annotations

import gc
import json
import os
import threading
from pathlib import Path
from typing import Any, NamedTuple

STRANGER = "16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc"  # a peer id that nobody has
TOPIC = "/eth2/00000000/faults/ssz_snappy"
FLOOD = 2500  # messages of a log that nobody reads
PAIRS = 10  # calls of each of two clients, one while the other runs
HURRY = 40  # listeners that are cancelled as soon as they are started
SAME = "the same text"
PATIENCE = 1.0  # seconds that a script which sets itself a limit waits


class Mine(Exception):
    """An error of the script's own."""


class Stage(NamedTuple):
    way: str  # bare, tcp, ws
    address: str
    key: str
    folder: str

    @property
    def file(self) -> str:
        """A file that must not come to be."""
        return str(Path(self.folder) / "touched")

    def tell(self, at: str) -> None:
        """What the script comes to now."""
        print(json.dumps({"at": at}), flush=True)


def inventory() -> dict[str, int]:
    """What this process has open."""
    gc.collect()
    descriptors = len(os.listdir("/dev/fd")) if Path("/dev/fd").is_dir() else 0
    return {"threads": threading.active_count(), "descriptors": descriptors}


def same(got: object, wanted: object) -> str:
    """For answers that are long, or never the same."""
    return SAME if got == wanted else "another text"


def returned(value: object) -> dict[str, Any]:
    return {"end": "returned", "value": value}


def raised(error: BaseException, end: str = "raised") -> dict[str, Any]:
    return {"end": end, "type": type(error).__name__, "text": str(error)[:2000]}


def tell_end(outcome: dict[str, Any], before: dict[str, int]) -> None:
    """The last line: how it ended, and what is left open by then."""
    left = {what: count - before[what] for what, count in inventory().items()}
    print(json.dumps({**outcome, "left": left}), flush=True)
