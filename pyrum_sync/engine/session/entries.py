"""Log entries: one JSON object per line, keyed and ordered as Rumor's."""

import json
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pyrum_sync.engine.session.levels import Level

# These keys are the entry's own: a field of that name is shown as fields.NAME.
_TAKEN = ("level", "msg", "time")
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=str)
_HTML = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def timestamp(nanoseconds: int | None = None) -> str:
    """Now (or the given time) as Go's RFC3339Nano writes it: local zone, trailing zeros dropped."""
    whole, part = divmod(time.time_ns() if nanoseconds is None else nanoseconds, 1_000_000_000)
    text, zone = _second(whole)
    return f"{text}.{part:09d}".rstrip("0") + zone if part else text + zone


@lru_cache(maxsize=1)
def _second(whole: int) -> tuple[str, str]:
    """A second's date and time, and its zone: the same for many entries."""
    local = time.localtime(whole)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", local)
    minutes = local.tm_gmtoff // 60
    if minutes == 0:
        return text, "Z"
    sign = "-" if minutes < 0 else "+"
    return text, f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def to_json(value: object) -> str:
    """Compact JSON with Go's habit of escaping what HTML could trip over."""
    return _ENCODER.encode(value).translate(_HTML)


def encode(level: Level, message: str, fields: Mapping[str, Any]) -> bytes:
    """One entry as a line, newline included."""
    entry: dict[str, Any] = {(f"fields.{k}" if k in _TAKEN else k): v for k, v in fields.items()}
    entry.update(level=level.text, msg=message, time=timestamp())
    line = to_json({key: entry[key] for key in sorted(entry)}) + "\n"
    return line.encode("utf-8", "replace")


class Log:
    """Where entries go: a writer, the highest level that it shows, and what closes the connection."""

    def __init__(
        self, write: Callable[[bytes], None], level: Level = Level.TRACE, hang_up: Callable[[], None] | None = None
    ) -> None:
        self._write = write
        self._hang_up = hang_up
        self.level = level

    def log(self, level: Level, message: str, fields: Mapping[str, Any] | None = None, *, cut: bool = False) -> None:
        """Writes one entry, if the level is shown; `cut`: only half of it, and then it hangs up."""
        if level > self.level:
            return
        entry = encode(level, message, fields or {})
        if cut and self._hang_up is not None:
            self._write(entry[: len(entry) // 2])
            self._hang_up()
        else:
            self._write(entry)

    def announce(self, message: str, fields: Mapping[str, Any]) -> None:
        """Writes one info entry whatever the level."""
        self._write(encode(Level.INFO, message, fields))
