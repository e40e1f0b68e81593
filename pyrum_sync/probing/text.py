"""What reports say, as one line of text that no terminal obeys."""

from __future__ import annotations

from collections.abc import Iterable

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class Timed(Protocol):
        """What a report says of times; `report.PeerReport` is one."""

        @property
        def rtt(self) -> Mapping[str, float]: ...
        @property
        def head_age(self) -> int | None: ...


_MOST = 500  # characters of an error


def one_line(text: str) -> str:
    """Returns `text` on one line, what cannot be printed escaped: a peer may have written it."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in " ".join(text.split())
    )


def reason_of(text: str) -> str:
    """Returns an error on one line of a bounded length. Of Rumor's, on several dialled addresses, the last one's."""
    lines = text.strip().splitlines()
    if len(lines) > 1 and "] " in lines[-1]:
        lines = [lines[-1].partition("] ")[2]]
    line = one_line(" ".join(lines))
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"


def age(report: Timed) -> str:
    """Returns how old the head is, ` (3 slots old)`, or nothing if that is not known."""
    slots = report.head_age
    if slots is None:
        return ""
    many = "slot" if abs(slots) == 1 else "slots"
    return f" ({slots} {many} old)" if slots >= 0 else f" ({-slots} {many} ahead)"


def milliseconds(seconds: float) -> str:
    """Returns a time with three digits at most: `0.4 ms`, `12 ms`, `3.2 s`."""
    if seconds >= 0.9995:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.1f} ms" if seconds < 0.00995 else f"{seconds * 1000:.0f} ms"


def readable_rtt(report: Timed) -> str:
    """Returns the time of each stage: `connect 12 ms, ping 3.4 ms`."""
    return ", ".join(f"{stage} {milliseconds(seconds)}" for stage, seconds in report.rtt.items())


def bits(subnets: Iterable[bool]) -> str:
    """Returns the numbers of the bits that are set: `0, 3`; `none`; `all 64`."""
    values = [bool(bit) for bit in subnets]
    numbers = [str(number) for number, bit in enumerate(values) if bit]
    if not numbers:
        return "none"
    return f"all {len(values)}" if len(numbers) == len(values) else ", ".join(numbers)
