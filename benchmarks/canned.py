"""The client without a network: every line sent is answered with bytes that lie ready. Always the same work.

``python -m benchmarks.canned WORK``: for counting instructions.
"""

from __future__ import annotations

import gc
import io
import json
import re
import sys
from queue import SimpleQueue
from typing import Any

from benchmarks.feeder import FEED, FREED, SUCCESS, VIEW
from pyrum_sync import Rumor
from pyrum_sync.transports.link import Link, User

CALLS, ENTRIES, BLOCK = 500, 20_000, 250


class Canned(Link):
    """Answers as the feeder does, from within the process."""

    shared = False

    def __init__(self) -> None:
        self._answers: SimpleQueue[bytes] = SimpleQueue()

    def open(self, user: User | None = None) -> None:
        """Nothing to reach."""

    def read(self) -> bytes:
        return self._answers.get()

    def send(self, line: str, deadline: float | None, sent: list[int] | None = None) -> None:  # noqa: ARG002
        found = re.match(r"_(\w+)", line)
        if found is None:  # `exit`
            self.hang_up()
            return
        call_id = found[1].encode()
        if " feed " in line:
            for _ in range(ENTRIES // BLOCK):
                self._answers.put(FEED % call_id * BLOCK)
        elif " view " in line:
            self._answers.put(VIEW % call_id)
        self._answers.put(SUCCESS % call_id)
        self._answers.put(FREED % call_id)

    def flush(self, deadline: float | None) -> None:
        """Nothing is ever left over."""

    def hang_up(self, deadline: float = 0.0) -> None:  # noqa: ARG002
        self._answers.put(b"")

    def close(self) -> None:
        self.hang_up()


def main(work: str) -> None:
    # Else a look through all that was imported falls now into one figure, now into another.
    gc.collect()
    gc.freeze()
    if work == "loop":  # the measure of all: a bare loop over as many lines as there are entries
        stream = io.BytesIO(FEED % b"1_00000000" * ENTRIES)
        while line := stream.readline():
            json.loads(line)
    if work in ("loop", "nothing"):
        return
    with Rumor(Canned()) as rumor:
        actor: Any = rumor.actor("alice")  # for the words that only the feeder knows
        if work == "calls":
            for _ in range(CALLS):
                actor.host.view()
        elif work == "flight":
            for call in [actor.nowait.host.view() for _ in range(CALLS)]:
                call.finished()
        elif work == "entries":
            assert sum(1 for _ in actor.nowait.peer.feed(1).entries()) == ENTRIES
        elif work == "field":
            assert sum(1 for _ in actor.nowait.peer.feed(1).field("addr")) == ENTRIES


if __name__ == "__main__":
    main(sys.argv[1])
