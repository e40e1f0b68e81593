"""Entries made comparable: what differs from run to run is replaced, what only a simulator says is left out."""

from __future__ import annotations

import re
from typing import Any

from tests.conformance.driver import Entry, is_mark

# Values that no two runs share; only their type is compared.
_VOLATILE = ("time", "priv", "key", "latency", "seq_no", "stores", "current")
# Lists in Go's map order.
_UNORDERED = ("protocols", "peers", "topics", "addrs")
_ONLY_SIMULATOR = (r" \(pyrum_sync engine [^)]*\)", r" \(the simulator runs no programs\)")
_RACING = ("Completed request", "Responded!", "Started listening for peer", "Received a request")
# Lines of a group's help that name commands the simulator does not have.
_NOT_SIMULATED = r"(?m)^  (connectall|track) .*\n"
# Lines of help that only the engine has: methods and flags beyond Rumor's.
_ONLY_ENGINE = (
    r"(?m)^(  (any|blocks-by-head|(blob|data-column)-sidecars-\S+|light-client-\S+) .* RPC"
    r"|      --(version uint8|context bytes) .*)\n"
)
Record = dict[str, Any]


def normal(value: Any, names: dict[str, str], key: str = "") -> Any:
    """One value of an entry."""
    if key in _VOLATILE:
        return f"<{type(value).__name__}>"
    if isinstance(value, dict):
        return {normal(k, names): normal(v, names, k) for k, v in sorted(value.items())}
    if isinstance(value, list):
        items = [normal(item, names) for item in value]
        return sorted(items) if key in _UNORDERED else items
    if isinstance(value, str):
        value = re.sub(_ONLY_ENGINE, "", re.sub(_NOT_SIMULATED, "", value))
        for found, name in names.items():
            value = value.replace(found, name)
        for text in _ONLY_SIMULATOR:
            value = re.sub(text, "", value)
    return value


def record(entries: list[Entry], names: dict[str, str]) -> Record:
    """A run: the entries of each call in their order, and those of no call in theirs."""
    calls: dict[str, list[Any]] = {}
    session: list[Any] = []
    closing: set[str] = set()
    for entry in entries:
        text = str(entry.get("msg", ""))
        if is_mark(entry) or "envlookup" in entry or "engine" in entry:
            continue
        call = entry.get("call_id", "")
        if call in closing and not text.startswith("Stopped"):
            continue  # what a call that the end stopped still says comes in a race with the end
        if text.startswith("Closing job"):
            before = calls.get(call, [])
            if not before or any(e["msg"] == "done sleeping!" for e in before):
                continue  # it was over, and its freeing races with the end
            closing.add(call)
        where = calls.setdefault(entry["call_id"], []) if "call_id" in entry else session
        where.append(normal(entry, names))
    ordered = {name: sorted(calls[name], key=_racing) for name in sorted(calls)}
    return {"calls": ordered, "session": session}


def _racing(entry: dict[str, Any]) -> str:
    """Sort key: entries that a goroutine of their own logs come at any place, here last; the others stay in order."""
    return entry["msg"] if entry["msg"].startswith(_RACING) else ""


def shape(value: Any) -> Any:
    """Keys and types only."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted({str(shape(item)) for item in value})
    return type(value).__name__
