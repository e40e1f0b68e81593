"""A process with a station for each transport: ``python -m tests.soak.worker CONFIG`` (JSON).

News of the servers come on stdin, a line of JSON each; what it has to say goes to stdout likewise, its sums last.
"""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pyrum_sync.client.demux import Demultiplexer
from tests.soak.leash import Ledger, Watchdog
from tests.soak.station import Station
from tests.soak.targets import Target

_END = 90.0  # seconds for all to come to an end


def main(config: dict[str, Any]) -> None:
    logging.getLogger("pyrum_sync").addHandler(logging.NullHandler())
    logging.getLogger("pyrum_sync").propagate = False  # lines that we tore are no news
    lock = threading.Lock()

    def tell(news: dict[str, Any]) -> None:
        with lock:
            print(json.dumps(news), flush=True)

    ledger = Ledger()
    watchdog = Watchdog(ledger)
    targets = [Target(number, tell) for number in range(config["servers"])]
    before = _inventory()
    stopping = threading.Event()
    watchdog.start()
    stations = [
        Station(
            f"w{config['number']}{way}",
            way,
            targets,
            ledger,
            watchdog,
            config["seed"] + index,
            config["program"],
            Path(config["folder"]),
            config["pace"],
            config["rest"],
        )
        for index, way in enumerate(config["ways"])
    ]
    for station in stations:
        station.start()
    threading.Thread(target=_listen, args=(targets, stopping), name="listener", daemon=True).start()
    begun, warm = monotonic(), before
    memory: list[int] = []  # twenty times, evenly
    while not stopping.wait(0.2):
        passed = (monotonic() - begun) / config["seconds"]
        if warm is before and passed > 0.1:
            warm = _inventory()
        if passed * 20 > len(memory):
            memory.append(_resident())
    for station in stations:
        station.stopping.set()
    end = monotonic() + _END
    for station in stations:
        station.join(max(0.0, end - monotonic()))
        if station.is_alive():
            ledger.violation(f"{station.name} hangs")
    watchdog.stop()
    after = _settled(before)
    tell(
        {
            "counts": ledger.counts,
            "faults": ledger.faults,
            "exceptions": [[*key, count] for key, count in ledger.exceptions.items()],
            "longest": ledger.longest,
            "violations": ledger.violations,
            "start": before,
            "warm": warm,
            "end": after,
            "RSS (KiB) meanwhile": memory,
        }
    )


def _listen(targets: list[Target], stopping: threading.Event) -> None:
    for line in sys.stdin:
        news = json.loads(line)
        if "stop all" in news:
            break
        target = targets[news["server"]]
        if news["do"] == "up":
            target.up(news)
        elif news["do"] == "stop":
            target.stop(news["seconds"])
        else:
            target.down(news["do"])
    stopping.set()


def _settled(before: dict[str, int]) -> dict[str, int]:
    """What is open at the end, once what is ending has ended."""
    end = monotonic() + 5
    while True:
        now = _inventory()
        if (
            all(now[what] <= before[what] for what in ("threads", "descriptors", "children", "sessions"))
            or monotonic() > end
        ):
            return now
        sleep(0.1)


def _inventory() -> dict[str, int]:
    gc.collect()
    with suppress(OSError, AttributeError):  # what is free, but kept for the next: not everywhere
        ctypes.CDLL(None).malloc_trim(0)
    children = 0
    for task in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            children += len(task.read_text().split())
    mine = {"listener", "watchdog"}
    return {
        "threads": sum(thread.name not in mine for thread in threading.enumerate()),
        "descriptors": len(os.listdir("/dev/fd")),
        "children": children,
        "sessions": sum(type(thing) is Demultiplexer for thing in gc.get_objects()),
        "RSS (KiB)": _resident(),
    }


def _resident() -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)
