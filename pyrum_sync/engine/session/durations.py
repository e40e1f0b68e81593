"""Go's durations: ``1h2m3.5s`` to nanoseconds and back."""

import re

_UNITS = {"ns": 1, "us": 10**3, "\u00b5s": 10**3, "\u03bcs": 10**3, "ms": 10**6, "s": 10**9}
_UNITS |= {"m": 60 * 10**9, "h": 3600 * 10**9}
_NUMBER = re.compile(r"\d*(?:\.\d*)?")
_UNIT = re.compile(r"[^\d.]*")
_MOST = 2**63


class DurationError(ValueError):
    """Not a duration, in Go's words."""


def quote(text: str) -> str:
    """The text as Go's %q writes it, near enough for messages."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def parse_duration(text: str) -> int:
    """Nanoseconds."""
    sign, rest = (-1, text[1:]) if text[:1] == "-" else (1, text[1:] if text[:1] == "+" else text)
    if rest == "0":
        return 0
    if not rest:
        raise DurationError(f"time: invalid duration {quote(text)}")
    total = 0
    while rest:
        number = _NUMBER.match(rest)
        assert number is not None
        if number[0] in ("", "."):
            raise DurationError(f"time: invalid duration {quote(text)}")
        rest = rest[number.end() :]
        unit = _UNIT.match(rest)
        assert unit is not None
        if not unit[0]:
            raise DurationError(f"time: missing unit in duration {quote(text)}")
        if unit[0] not in _UNITS:
            raise DurationError(f"time: unknown unit {quote(unit[0])} in duration {quote(text)}")
        whole, _, part = number[0].partition(".")
        scale = _UNITS[unit[0]]
        total += int(whole or 0) * scale + (int(part) * scale // 10 ** len(part) if part else 0)
        if total >= _MOST:
            raise DurationError(f"time: invalid duration {quote(text)}")
        rest = rest[unit.end() :]
    return sign * total


def format_duration(nanoseconds: int) -> str:
    """As Go's Duration.String."""
    if nanoseconds == 0:
        return "0s"
    sign, left = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    for unit, scale in (("ns", 1), ("µs", 10**3), ("ms", 10**6)):
        if left < scale * 1000:
            return f"{sign}{_decimal(left, scale)}{unit}"
    seconds = f"{_decimal(left % (60 * 10**9), 10**9)}s"
    minutes = left // (60 * 10**9)
    if minutes == 0:
        return sign + seconds
    if minutes < 60:
        return f"{sign}{minutes}m{seconds}"
    return f"{sign}{minutes // 60}h{minutes % 60}m{seconds}"


def _decimal(value: int, scale: int) -> str:
    whole, part = divmod(value, scale)
    digits = f"{part:0{len(str(scale)) - 1}d}".rstrip("0") if part else ""
    return f"{whole}.{digits}" if digits else str(whole)
