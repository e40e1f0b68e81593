"""Faults on demand: what is to go wrong, when, read from a file or a Python value of the same form.

The form is a list of faults; each is an object with these fields::

    do       what goes wrong, one of
             "refuse-connect"  dialling a peer is refused
             "no-answer"       a request is sent and never answered
             "error-chunk"     a request is answered with an error: `code` (default 2), `text` (default "simulated")
             "delay"           the command begins `seconds` later (required)
             "drop"            the connection is closed in the middle of the command's first entry
             "die"             the simulator's process ends, at once, with exit status `status` (default 1)
    command  only for commands that begin with these words, e.g. "peer connect" (default: any)
    actor    only for this actor's commands (default: any)
    skip     how many matching commands go well first (default 0)
    times    how many of the following go wrong (default 1; null: all)

A command is matched as it begins; what goes wrong belongs to that run of it, and to the dials and requests it makes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ACTIONS: dict[str, tuple[str, ...]] = {
    "refuse-connect": (),
    "no-answer": (),
    "error-chunk": ("code", "text"),
    "delay": ("seconds",),
    "drop": (),
    "die": ("status",),
}
_COMMON = ("do", "command", "actor", "skip", "times")


class FaultsError(ValueError):
    """Faults that cannot be read; says where."""


@dataclass(frozen=True)
class Effects:
    """What goes wrong with one run of a command."""

    refuse_connect: bool = False
    no_answer: bool = False
    error_chunk: tuple[int, str] | None = None
    delay: float = 0.0
    drop: bool = False
    die: int | None = None

    @property
    def on_host(self) -> bool:
        """Whether dials or requests of the command go wrong."""
        return self.refuse_connect or self.no_answer or self.error_chunk is not None


NO_EFFECTS = Effects()


@dataclass
class Fault:
    """One fault and how often its command was seen."""

    do: str
    command: tuple[str, ...]
    actor: str | None
    skip: int
    times: int | None
    details: Mapping[str, Any]
    seen: int = 0

    def matches(self, actor: str, words: Sequence[str]) -> bool:
        """Whether it is the turn of the command that begins now; counts the command, if it is of the fault's kind."""
        if self.actor not in (None, actor) or tuple(words[: len(self.command)]) != self.command:
            return False
        self.seen += 1
        return self.seen > self.skip and (self.times is None or self.seen <= self.skip + self.times)


class Faults:
    """All faults of an engine."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._faults = list(faults)

    def effects(self, actor: str, words: Sequence[str]) -> Effects:
        """Returns what goes wrong with the command that begins now."""
        matching = {fault.do: fault.details for fault in self._faults if fault.matches(actor, words)}
        if not matching:
            return NO_EFFECTS
        chunk = matching.get("error-chunk")
        return Effects(
            refuse_connect="refuse-connect" in matching,
            no_answer="no-answer" in matching,
            error_chunk=None if chunk is None else (chunk["code"], chunk["text"]),
            delay=matching["delay"]["seconds"] if "delay" in matching else 0.0,
            drop="drop" in matching,
            die=matching["die"]["status"] if "die" in matching else None,
        )


def load(path: str) -> Faults:
    """Reads a file of faults (JSON); FaultsError says what is wrong with it."""
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except OSError as error:
        raise FaultsError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise FaultsError(f"{path}: not JSON: {error}") from None
    try:
        return parse(value)
    except FaultsError as error:
        raise FaultsError(f"{path}: {error}") from None


def parse(value: object) -> Faults:
    """Checks a value of the form above; FaultsError names the field that is wrong."""
    if not isinstance(value, list):
        raise FaultsError("faults: must be a list")
    return Faults([_fault(f"faults[{position}]", item) for position, item in enumerate(value)])


def _fault(where: str, item: object) -> Fault:
    if not isinstance(item, dict):
        raise FaultsError(f"{where}: must be an object")
    do = item.get("do")
    if not isinstance(do, str) or do not in ACTIONS:
        raise FaultsError(f"{where}.do: must be one of {', '.join(ACTIONS)}")
    for name in item:
        if name not in _COMMON and name not in ACTIONS[do]:
            raise FaultsError(f"{where}.{name}: no such field for {do}")
    command = _text(where, item, "command", "")
    actor = _text(where, item, "actor", None)
    skip = _count(where, item, "skip", 0)
    times = None if "times" in item and item["times"] is None else _count(where, item, "times", 1)
    return Fault(do, tuple((command or "").split()), actor, skip, times, _details(where, do, item))


def _details(where: str, do: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    if do == "error-chunk":
        code = _count(where, item, "code", 2)
        if not 1 <= code <= 255:
            raise FaultsError(f"{where}.code: must be from 1 to 255")
        text = _text(where, item, "text", "simulated") or ""
        if len(text.encode()) > 256:
            raise FaultsError(f"{where}.text: must be at most 256 bytes")
        return {"code": code, "text": text}
    if do == "delay":
        seconds = item.get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= 3600:
            raise FaultsError(f"{where}.seconds: must be a number from 0 to 3600")
        return {"seconds": float(seconds)}
    if do == "die":
        status = _count(where, item, "status", 1)
        if status > 255:
            raise FaultsError(f"{where}.status: must be from 0 to 255")
        return {"status": status}
    return {}


def _text(where: str, item: Mapping[str, Any], name: str, default: str | None) -> str | None:
    value = item.get(name, default)
    if value is not None and not isinstance(value, str):
        raise FaultsError(f"{where}.{name}: must be a string")
    return value


def _count(where: str, item: Mapping[str, Any], name: str, default: int) -> int:
    value = item.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FaultsError(f"{where}.{name}: must be a whole number from 0")
    return value
