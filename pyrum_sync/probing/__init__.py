"""What peers say of themselves: one that is asked (`probe`), and many (`probe_many`).

>>> from pyrum_sync import EmbeddedConn, Rumor, probe
>>> with Rumor(EmbeddedConn()) as rumor:  # doctest: +SKIP
...     report = probe(rumor, "enr:-…")
...     print(report.agent, report.network, report.fork, report.status.head_slot, report.rtt)
"""

from __future__ import annotations

from pyrum_sync.probing.report import DONE, STAGES, PeerReport

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any

    from pyrum_sync.probing.addresses import Target, read_addresses
    from pyrum_sync.probing.many import probe_many
    from pyrum_sync.probing.single import probe

__all__ = ["DONE", "STAGES", "PeerReport", "Target", "probe", "probe_many", "read_addresses"]

# What many scripts do without is loaded when it is first asked for.
_PLACES = {"Target": "addresses", "probe": "single", "probe_many": "many", "read_addresses": "addresses"}


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"{__name__}.{place}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
