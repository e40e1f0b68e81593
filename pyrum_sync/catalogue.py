"""What the client must know of Rumor's commands beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Any other first word would be run by Rumor's shell, as a program of the operating system.
ROOTS = (
    "blocks", "chain", "dv5", "enr", "gossip", "help", "host", "peer", "peerstore", "rpc", "sleep", "states", "tool",
)  # fmt: skip

REQUEST = "request"  # rpc METHOD req raw: a step for the request written, one for each chunk
LISTENER = "listener"  # rpc METHOD listen: a step for each request
SEARCH = "search"  # dv5 random --stepwise: a step for each node


def steps_of(path: Sequence[str], flags: Mapping[str, str]) -> str | None:
    """The kind of steps that a command has, or None. `flags` by their names in Rumor, as text."""
    if len(path) == 4 and path[0] == "rpc" and tuple(path[2:]) == ("req", "raw"):
        return REQUEST
    if len(path) == 3 and path[0] == "rpc" and path[2] == "listen":
        # A listener that drops requests has none; for those that need no answer, that is the default.
        drops = flags.get("drop", "true" if path[1] == "goodbye" else "false")
        return LISTENER if drops == "false" else None
    if tuple(path) == ("dv5", "random") and flags.get("stepwise") == "true":
        return SEARCH
    return None


def nearest(word: str) -> str:
    """A hint for a first word that is none: the nearest one, or all of them."""
    from difflib import get_close_matches  # only for a message, so not at import

    found = get_close_matches(word, ROOTS, n=1, cutoff=0.5)
    return f"did you mean '{found[0]}'?" if found else f"Rumor's commands are {', '.join(ROOTS)}"
