"""What the tests of a call's state use."""

from __future__ import annotations

import json
from typing import Any

from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.phases import (
    RUNNING,
    STARTING,
    STEPPED,
    Phase,
)
from pyrum_sync.client.steps import Steps
from pyrum_sync.protocol.entries import Entry


def line_of(entry: Entry, size: int = 0) -> bytes:
    """The line that an entry is, with blanks up to this size."""
    return json.dumps(entry).encode().ljust(size)


def a_record(kind: str | None = None, phase: Phase = STARTING) -> CallState:
    return CallState("1_a", "_1_a lvl_trace sleep 5s &", Steps(kind) if kind is not None else None, phase)


def trace(mark: str, value: object = "true") -> Entry:
    return {"level": "trace", mark: value}


def failed(*args: object, why: str = "exit status 1: no") -> Entry:
    return {"level": "warning", "msg": "failed", "args": list(args), "error": why}


def note(record: CallState, **entry: Any) -> None:
    record.take(entry, line_of(entry))


def step(record: CallState) -> None:
    assert record.mark("__step", trace("__step", value=True)) & STEPPED


def asked(kind: str) -> tuple[CallState, Steps]:
    record = a_record(kind, RUNNING)
    steps = record.steps
    assert steps is not None
    steps.requested = True
    return record, steps
