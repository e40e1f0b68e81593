"""How a range, or many roots, are split into requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pyrum_sync.eth2.arguments import items, whole
from pyrum_sync.eth2.request import Part, collect
from pyrum_sync.eth2.shape import Shape
from pyrum_sync.eth2.versions import spoken
from pyrum_sync.spec.methods import MAX_REQUEST_BLOCKS_DENEB, NUMBER_OF_COLUMNS

if TYPE_CHECKING:
    from pyrum_sync.eth2.arguments import Deadline
    from pyrum_sync.eth2.kinds import Asker
    from pyrum_sync.spec.methods import Method

_Item = TypeVar("_Item")

MOST_SLOTS: Final = MAX_REQUEST_BLOCKS_DENEB
"""How many slots, or blocks, one request may ask for."""


def ranges(start: int, count: int, most: int) -> Iterator[tuple[int, int]]:
    """Yields (start, count) of the pieces of a range, `most` long each."""
    for done in range(0, count, most):
        yield start + done, min(most, count - done)


def slices(whole_list: Sequence[_Item], most: int) -> Iterator[Sequence[_Item]]:
    """Yields the pieces of a sequence, `most` long each."""
    for done in range(0, len(whole_list), most):
        yield whole_list[done : done + most]


def slot_range(start_slot: Any, count: Any) -> tuple[int, int]:
    """Returns a range of slots, checked; errors name the argument."""
    start, total = whole(start_slot, "start_slot"), whole(count, "count")
    whole(start + total, "the end of the range")
    return start, total


def column_indices(columns: Any) -> list[int]:
    """Returns the indices of columns, checked; errors name the argument."""
    return [whole(each, "the index of a column", 0, NUMBER_OF_COLUMNS - 1) for each in items(columns, "columns")]


def pairs(identifiers: Any) -> list[tuple[Any, Any]]:
    """Returns identifiers as pairs; TypeError names the argument."""
    found = items(identifiers, "identifiers")
    for each in found:
        if not isinstance(each, (tuple, list)) or len(each) != 2:
            raise TypeError(f"identifiers must be pairs of a block root and what is wanted of it, not {each!r}")
    return [(block, wanted) for block, wanted in found]


def ask_for(
    actor: Asker,
    name: str,
    peer_id: str,
    parts: Callable[[Method], Iterable[Part]],
    response: Any,
    contexts: bool,
    deadline: Deadline,
    *,
    needed: bool = False,
) -> list[Any]:
    """Ask in version 1, the only one, for what may take several requests; returns the chunks of all.

    Args:
        needed: whether no chunk at all is an error.
    """
    return collect(actor, spoken(actor, name, 1), peer_id, parts, Shape(response, contexts), deadline, needed=needed)
