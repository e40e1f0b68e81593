"""The types that the functions of this package have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from pyrum_sync.client.rumor import Actor, Rumor
    from pyrum_sync.spec.containers import MetaData, MetaDataV2, MetaDataV3, Status, StatusV2

T = TypeVar("T")

if TYPE_CHECKING:
    Asker: TypeAlias = Actor | Rumor
    AnyStatus: TypeAlias = Status | StatusV2
    AnyMetaData: TypeAlias = MetaData | MetaDataV2 | MetaDataV3
    Response: TypeAlias = type[T] | Mapping[bytes, type[T]] | Mapping[str, type[T]]
    """A container, or one for each fork digest (4 bytes, or their hex)."""
