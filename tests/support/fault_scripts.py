"""Scripts that do wrong, each in its own way, for those who watch to find: a stand-in for `benchmarks.faults.ours`."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from benchmarks.faults.stage import Stage, inventory, returned, tell_end

left: list[object] = []


def main(work: str, stage: Stage) -> None:
    before = inventory()
    stage.tell("calling")
    getattr(sys.modules[__name__], work)(stage)
    tell_end(returned("here"), before)
    sys.stdout.flush()
    os._exit(0)  # the threads left do not keep it


def good(stage: Stage) -> None:
    """Does nothing wrong."""


def hang(stage: Stage) -> None:  # noqa: ARG001
    threading.Event().wait()


def die(stage: Stage) -> None:  # noqa: ARG001
    print("its last words", file=sys.stderr, flush=True)
    os._exit(3)


def chatter(stage: Stage) -> None:  # noqa: ARG001
    print("hello")


def run_program(stage: Stage) -> None:
    Path(stage.file).touch()


def leave_thread(stage: Stage) -> None:  # noqa: ARG001
    threading.Thread(target=threading.Event().wait, daemon=True).start()


def leave_descriptor(stage: Stage) -> None:  # noqa: ARG001
    left.append(os.pipe())


def leave_process(stage: Stage) -> None:  # noqa: ARG001
    quiet = subprocess.DEVNULL
    left.append(subprocess.Popen(["sleep", "600"], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True))
