"""Why a peer hangs up, in words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

GOODBYE_REASONS: Final = MappingProxyType(
    {
        1: "shutting down",
        2: "irrelevant network",
        3: "fault or error",
        # Free for clients to use. These are Prysm's; others use some of them in the same sense.
        128: "unable to verify the network",
        129: "too many peers",
        250: "bad score",
        251: "banned",
    }
)


def goodbye_reason(reason: int) -> str:
    """Returns a Goodbye's reason in words: those of the phase 0 specification, and those that Prysm added."""
    named = GOODBYE_REASONS.get(reason)
    if named is not None:
        return named
    return f"reason {reason}, the peer's own" if reason >= 128 else f"reason {reason}, which is reserved"
