"""Python values to the text of Rumor's arguments and flags.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

import os
import sys
from enum import Enum

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Any, TypeGuard

_ADDRESSES = ("IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface")
_TOO_LONG = 2**63 / 1e9  # seconds: Go's durations are 64 bits of nanoseconds
_CSV_SPECIAL = frozenset(',"\n\r')


def to_text(value: Any, name: str) -> str:
    """The text of an argument or a flag.

    Args:
        value: what the user passed.
        name: how an error names it.
    Returns: the text that Rumor reads for `value`.
    Raises: TypeError for a type that has no form in Rumor, ValueError for text that cannot arrive unharmed.
    """
    kind = type(value)
    if kind is str:
        text: str = value
    elif kind is int:
        return _number(value, name)
    elif kind is list or kind is tuple or isinstance(value, (list, tuple)):
        text = _csv(value, name)
    else:
        text = str.__str__(_scalar(value, name))  # foreign code may return a subclass of str, which can do anything
    return checked(text, name)


def checked(text: str, name: str) -> str:
    """Returns `text` if it can be sent. Raises ValueError for a NUL or a lone surrogate."""
    if not text.isascii():
        wrong = -1
        try:
            text.encode()
        except UnicodeEncodeError as error:
            wrong = error.start
        if wrong >= 0:  # not raised in the handler: the text, which may be a key, would hang on the error
            raise ValueError(f"{name}: a lone surrogate at position {wrong} has no UTF-8 form")
    if "\0" in text:
        raise ValueError(f"{name}: a NUL at position {text.index(chr(0))} cannot be sent to Rumor")
    return text


def _scalar(value: Any, name: str) -> str:
    if isinstance(value, Enum):
        return to_text(value.value, name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if callable(getattr(type(value), "encode_bytes", None)):
        return _ssz(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (int, float)):
        return _number(value, name)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if _is_timedelta(value):
        return go_duration(value)
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if _is_of(value, "ipaddress", _ADDRESSES):
        return str(value)
    if value is None:
        raise TypeError(f"{name}: None has no form in Rumor (as a flag it is left out)")
    raise TypeError(f"{name}: a {type(value).__name__} has no form in Rumor; convert it to a str, a number or bytes")


def _number(value: float, name: str) -> str:
    try:
        return str(value)
    except ValueError as error:  # more digits than Python is willing to write
        raise ValueError(f"{name}: {error}") from None


def _ssz(view: Any) -> str:
    # Recognized by their shape, so that scripts without SSZ need not import remerkleable (or a fork of it).
    if isinstance(view, int):
        if _is_bool(view):
            return "true" if view else "false"
        return str(int(view))
    encoded: bytes = view.encode_bytes()
    return encoded.hex()


def _is_of(value: Any, module: str, names: tuple[str, ...]) -> bool:
    """Whether `value` is of one of these classes: if so, their module has been imported, and need not be here."""
    found = sys.modules.get(module)
    return found is not None and isinstance(value, tuple(getattr(found, name) for name in names))


def _is_timedelta(value: Any) -> TypeGuard[timedelta]:
    return _is_of(value, "datetime", ("timedelta",))


def go_duration(value: timedelta) -> str:
    """Returns `value` as Go writes durations, such as ``1.5s``."""
    from datetime import timedelta

    microseconds = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    sign = "-" if microseconds < 0 else ""
    return f"{sign}{seconds}.{rest:06d}".rstrip("0").rstrip(".") + "s"


def to_duration(value: Any, name: str) -> str:
    """The text of a duration.

    Args:
        value: a number of seconds, a timedelta, or text as Go writes durations.
        name: how an error names it.
    Returns: the duration as Go writes it.
    Raises: ValueError for a negative one (it would kill Rumor) or one of 292 years, TypeError for anything else.
    """
    while isinstance(value, Enum):
        value = value.value
    if _is_timedelta(value):
        value = go_duration(value)
    if isinstance(value, str):
        text = checked(str.__str__(value), name)
        if text.startswith("-"):
            raise ValueError(f"{name}: a duration cannot be negative, got {text!r}")
        return text
    if not isinstance(value, (int, float)) or _is_bool(value):
        raise TypeError(
            f"{name}: a duration must be a number of seconds, a timedelta or text such as '1m30s', "
            f"not a {type(value).__name__}"
        )
    if not 0 <= value < _TOO_LONG:
        raise ValueError(f"{name}: a duration must be 0 or more seconds, and less than 292 years, got {value!r}")
    if isinstance(value, int):
        return f"{int(value)}s"
    seconds = float(value)  # a subclass may have a text form of its own
    # Go counts in nanoseconds; less than one must not become 0, which mostly means no limit.
    return f"{max(seconds, 1e-9) if seconds else 0.0:.9f}".rstrip("0").rstrip(".") + "s"


def _is_bool(value: Any) -> bool:
    # remerkleable's is recognized by its shape, as in `_ssz`.
    return any(base.__name__ in ("bool", "boolean") for base in type(value).__mro__)


def _csv(values: list[Any] | tuple[Any, ...], name: str) -> str:
    cells = []
    for index, value in enumerate(values):
        where = f"{name}[{index}]"
        if isinstance(value, (list, tuple)):
            raise TypeError(f"{where}: a list in a list has no form in Rumor")
        cell = to_text(value, where)
        if "\r\n" in cell:
            raise ValueError(f"{where}: Rumor's list reader turns \\r\\n into \\n, so it cannot arrive unharmed")
        if not _CSV_SPECIAL.isdisjoint(cell) or (not cell and len(values) == 1):
            cell = '"' + cell.replace('"', '""') + '"'
        cells.append(cell)
    return ",".join(cells)
