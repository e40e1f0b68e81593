"""``python -m tests.fuzz``: bytes that grow by what they reach in the code, for so long as one is willing to wait."""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import process_time
from types import CodeType, FrameType
from typing import Any

from pyrum_sync import Call
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.demux import Demultiplexer
from pyrum_sync.client.steps import Steps
from pyrum_sync.protocol.framing import parse
from tests.fuzz import demux, framing

TARGETS: dict[str, Callable[[bytes], None]] = {"framing": framing.run, "demux": demux.run}
CORPUS = Path(__file__).parent / "corpus"
WATCHED = frozenset(
    known.__code__.co_filename for known in (parse, Demultiplexer.dispatch, CallState.receive, Steps.note, Call.wait)
)
LONGEST = 600  # bytes of an input
TRACED = 10  # of so many inputs one is traced, which takes as long as the others together
SHOWN = 10  # failures after which it is enough


class Traced:
    """Which steps from line to line of the watched files were made."""

    def __init__(self) -> None:
        self.steps: set[tuple[CodeType, int, int]] = set()

    def run(self, target: Callable[[bytes], None], data: bytes) -> None:
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            target(data)
        finally:
            sys.settrace(before)

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ARG002
        code = frame.f_code
        if code.co_filename not in WATCHED:
            frame.f_trace_lines = False
            return None
        last = 0

        def line(frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ARG001
            nonlocal last
            if event == "line":
                self.steps.add((code, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line


class Fuzzer:
    """Inputs of one target: what failed, and those that reached something new."""

    def __init__(self, name: str, seed: int, seeds: list[bytes]) -> None:
        self.name = name
        self.target = TARGETS[name]
        self.pool: list[bytes] = []
        self.grown: list[bytes] = []  # those of the pool that were no seeds
        self.failures: dict[str, tuple[bytes, BaseException]] = {}  # by where they failed
        self.count = self.failed = 0
        self._chance = random.Random(f"{name} {seed}")
        self._traced = Traced()
        for data in seeds:
            self.try_one(data, True)
        self.grown.clear()

    def more(self) -> None:
        """Try one more input."""
        data = self._mutant() if self.pool and self._chance.random() < 0.9 else self._fresh()
        self.try_one(data, self.count % TRACED == 0)

    def try_one(self, data: bytes, traced: bool) -> None:
        self.count += 1
        known = len(self._traced.steps)
        try:
            if traced:
                self._traced.run(self.target, data)
            else:
                self.target(data)
        except Exception as error:
            self.failed += 1
            where = place(error)
            if where not in self.failures:
                self.failures[where] = self._shrunk(data, where), error
            return
        if len(self._traced.steps) > known:
            self.pool.append(data)
            self.grown.append(data)

    @property
    def reached(self) -> int:
        return len(self._traced.steps)

    def _fresh(self) -> bytes:
        return self._chance.randbytes(self._chance.randrange(LONGEST))

    def _mutant(self) -> bytes:
        chance = self._chance
        data = bytearray(chance.choice(self.pool))
        for _ in range(chance.choice((1, 1, 2, 4, 8))):
            at = chance.randrange(len(data) + 1)
            size = chance.choice((1, 1, 2, 4, 16))
            how = chance.randrange(5)
            if how == 0:
                data[at : at + size] = chance.randbytes(size)
            elif how == 1:
                data[at:at] = chance.randbytes(size)
            elif how == 2:
                del data[at : at + size]
            elif how == 3:  # of another one, the rest
                other = chance.choice(self.pool)
                data[at:] = other[chance.randrange(len(other) + 1) :]
            else:
                data[at:at] = data[at : at + 4 * size]
        return bytes(data[:LONGEST])

    def _shrunk(self, data: bytes, where: str) -> bytes:
        """Less of it, that fails at the same place."""
        size = len(data) // 2
        while size:
            at = 0
            while at < len(data):
                less = data[:at] + data[at + size :]
                if self._fails(less) == where:
                    data = less
                else:
                    at += size
            size //= 2
        return data

    def _fails(self, data: bytes) -> str:
        try:
            self.target(data)
        except Exception as error:
            return place(error)
        return ""


def place(error: BaseException) -> str:
    """Where something failed: what fails there again is the same failure."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def corpus(name: str) -> list[bytes]:
    """The inputs that are kept for a target."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


def keep(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name / hashlib.sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def main(args: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of CPU time, in all (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers (default: %(default)s)")
    parser.add_argument("--keep", type=Path, default=CORPUS, help="where inputs that failed are kept")
    parser.add_argument("--grow", action="store_true", help="keep there also what reached something new")
    parser.add_argument("targets", nargs="*", default=[*TARGETS], help=f"of {', '.join(TARGETS)} (default: all)")
    options = parser.parse_args(args)
    begun = process_time()
    share = 60 * options.minutes / len(options.targets)
    failed = 0
    for number, name in enumerate(options.targets, 1):
        fuzzer = Fuzzer(name, options.seed, corpus(name))
        with suppress(KeyboardInterrupt):
            while process_time() - begun < number * share and len(fuzzer.failures) < SHOWN:
                fuzzer.more()
        print(f"{name}: {fuzzer.count} inputs, {fuzzer.failed} failures; {fuzzer.reached} steps of the code reached")
        for where, (data, error) in fuzzer.failures.items():
            traceback.print_exception(error)
            print(f"{where}: {data!r}\nkept as {keep(options.keep, name, data)}")
        if options.grow:
            for data in fuzzer.grown:
                keep(options.keep, name, data)
        failed += fuzzer.failed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
