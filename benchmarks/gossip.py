"""Gossip beside the real Rumor's: messages a second from one publisher, to one subscriber and to ten.

``python -m benchmarks.gossip [--rounds N] [--messages N] [--size BYTES] [--json FILE]``, or ``make bench-gossip``.

The publisher is a process, the subscribers another one, both of the same kind; the publisher is connected with each
subscriber. Lines are written as fast as they are taken, and the time is from the first to the last message that is
logged. Rumor keeps 32 messages for a peer, and drops what comes above that: what it lost counts as not delivered. CPU
time is that of both processes for each message that was delivered (on Linux): a busy machine does not spoil it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

GOAL = 1.0
TOPIC = "bench"
QUIET = 2.5
"""Seconds without a message after which no more are expected."""


class Process:
    """A bare Rumor, its messages counted as they come."""

    def __init__(self, command: list[str]) -> None:
        self._child = subprocess.Popen(
            [*command, "bare", "--level=info"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._changed = threading.Condition()
        self._entries: list[dict[str, Any]] = []
        self.messages = 0
        self.last = 0.0
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.kill()
        self._child.wait()

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            if b"new message on" in line:
                self.messages += 1
                self.last = time.perf_counter()
                continue
            with self._changed:
                self._entries.append(json.loads(line))
                self._changed.notify_all()

    def cpu(self) -> float:
        """The seconds of CPU time that it used so far; 0 where the system has no /proc."""
        try:
            fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def send(self, lines: str) -> None:
        """Writes lines."""
        assert self._child.stdin is not None
        self._child.stdin.write(lines.encode())
        self._child.stdin.flush()

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first such entry."""

        def found() -> dict[str, Any] | None:
            return next(filter(wanted, self._entries), None)

        with self._changed:
            entry = self._changed.wait_for(found, 30)
        assert entry is not None, "no such entry"
        return entry


def host(process: Process, actor: str) -> str:
    """A host on the topic; returns its address."""
    for words in ("host start --nat=false", "host listen --ip=127.0.0.1 --tcp=0", "gossip start"):
        process.send(f"{actor}: {words}\n")
    process.send(f"{actor}: gossip join {TOPIC}\n_view_{actor} {actor}: host view\n")
    entry = process.wait(lambda each: each.get("call_id") == f"view_{actor}" and "addr" in each)
    return str(entry["addr"])


def round_of(command: list[str], subscribers: int, messages: int, size: int) -> dict[str, float]:
    """One measurement: messages delivered a second, to all subscribers together, and what part of them arrived."""
    with ExitStack() as stack:
        publisher, listeners = (stack.enter_context(Process(command)) for _ in range(2))
        host(publisher, "p")
        for number in range(subscribers):
            address = host(listeners, f"s{number}")
            listeners.send(f"s{number}: gossip log {TOPIC}\n")
            publisher.send(f"p: peer connect {address}\n")
        for number in count():
            name = f"peers{number}"
            publisher.send(f"_{name} p: gossip list-peers {TOPIC}\n")
            if len(publisher.wait(partial(_is_of, name))["peers"] or ()) == subscribers:
                break
            time.sleep(0.1)
        # The publisher hears the topic, too, so that it has a mesh; its own messages are not shown.
        publisher.send(f"p: lvl_warn gossip log {TOPIC}\n")
        time.sleep(1.5)
        lines = "".join(f"p: gossip publish {TOPIC} {number:08x}{'00' * (size - 4)}\n" for number in range(messages))
        cpu = publisher.cpu() + listeners.cpu()
        began = time.perf_counter()
        listeners.last = began
        writer = threading.Thread(target=publisher.send, args=(lines,), daemon=True)
        writer.start()
        while listeners.messages < messages * subscribers and time.perf_counter() - listeners.last < QUIET:
            time.sleep(0.02)
        got = listeners.messages
        return {
            "rate": got / max(listeners.last - began, 1e-6),
            "arrived": got / (messages * subscribers),
            "cpu": (publisher.cpu() + listeners.cpu() - cpu) / max(got, 1),
        }


def _is_of(call: str, entry: dict[str, Any]) -> bool:
    return entry.get("call_id") == call


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gossip", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    contenders = {"engine": [sys.executable, "-m", "pyrum_sync.engine"]}
    rumor = os.environ.get("RUMOR") or shutil.which("rumor")
    if rumor:
        contenders["Rumor"] = [rumor]
    else:
        print("No Rumor on PATH or at $RUMOR: the engine's figures alone.")
    results: dict[str, Any] = {}
    for subscribers in (1, 10):
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
        for number in range(options.rounds):
            names = list(contenders)
            for name in names if number % 2 else names[::-1]:
                rounds[name].append(round_of(contenders[name], subscribers, options.messages, options.size))
        figures: dict[str, Any] = {
            name: {
                "messages a second": round(statistics.median(each["rate"] for each in found)),
                "arrived": round(statistics.median(each["arrived"] for each in found), 3),
                "µs of CPU a message": round(1e6 * statistics.median(each["cpu"] for each in found)),
            }
            for name, found in rounds.items()
        }
        if rumor:
            pairs = zip(rounds["engine"], rounds["Rumor"], strict=True)
            figures["ratio"] = round(statistics.median(ours["rate"] / theirs["rate"] for ours, theirs in pairs), 2)
            figures["goal"] = "met" if figures["ratio"] >= GOAL else "missed"
        results[f"to {subscribers}"] = figures
        print(f"to {subscribers}: {json.dumps(figures, ensure_ascii=False)}", flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
