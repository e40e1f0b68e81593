"""What all peers of a run are probed with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pyrum_sync.spec.network import Network


class Options(NamedTuple):
    """What all peers of a run are probed with. It pickles if `connect` does."""

    concurrency: int
    timeout: float | None
    network: Network | None
    connect: Callable[[], Any]
