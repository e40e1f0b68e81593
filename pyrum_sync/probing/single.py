"""One peer: connect to it, ask, and hang up."""

from __future__ import annotations

from pyrum_sync.client.deadline import checked_timeout
from pyrum_sync.probing.addresses import Target
from pyrum_sync.probing.pace import Unpaced
from pyrum_sync.probing.report import PeerReport

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from pyrum_sync.client.rumor import Rumor
    from pyrum_sync.probing.pace import Ticket
    from pyrum_sync.spec.containers import Status, StatusV2
    from pyrum_sync.spec.network import Network


def probe(
    rumor: Rumor,
    addr: str,
    *,
    timeout: float | None = 10,
    status: Status | StatusV2 | None = None,
    network: Network | str | None = None,
) -> PeerReport:
    """Ask a peer who it is, for its status and its metadata, ping it, and measure how long each answer takes.

    It connects (`peer connect`), identifies (`peer identify`), asks (`rpc status|metadata|ping req raw`, each in the
    newest version that both speak), says goodbye, and hangs up. Meanwhile the peer's own status, metadata and ping
    requests are answered. A peer that hangs up over our Status is connected to once more, with its own fork digest,
    root and head, and asked what is still missing. The peer sees a host with a new key that does not
    listen; the host is gone when this returns.

    Args:
        rumor: the one that asks: the engine (`EmbeddedConn`), which speaks today's requests, or a Go Rumor, which
            speaks only version 1.
        addr: a multiaddr with a peer id, an ENR or an enode address. If it cannot be dialled, the report says why, at
            stage "connect", and nothing is dialled.
        timeout: seconds for all of it; None: for ever.
        status: what is sent as our Status, and nothing else. None: one with the fork digest of the record, else of
            `network` now, else zeros.
        network: a Network, or the name of a public one. Its digests also name the peer's network and fork.

    Returns:
        The report. A peer that cannot be reached, or that stops answering, has one, too, with what was learnt until
        then.

    Raises:
        ConnectionLost: Rumor itself is lost.
        ValueError: there is no network of that name, its genesis time is not known, or `timeout` is negative.
        TypeError: an argument is of the wrong type.
    """
    if not isinstance(addr, str):
        raise TypeError(f"an address must be a str, not {type(addr).__name__}")
    return probe_with(Unpaced(), rumor, addr, checked_timeout(timeout), status, network_of(network))


def probe_with(
    ticket: Ticket | Unpaced,
    rumor: Rumor,
    addr: str,
    timeout: float | None,
    status: Status | StatusV2 | None,
    known: Network | None,
) -> PeerReport:
    """Probe a peer, once `ticket` lets it; the time limit begins then."""
    target = Target(addr)
    report = PeerReport(addr, target.peer_id, enr=target.enr, network=known)
    if target.multiaddr is None:
        report.stage, report.error = "connect", target.error
        return report
    # Importing the SSZ library takes longer than the rest of this package, so only those who need it pay.
    from pyrum_sync.probing.asking import Probe

    Probe(rumor, target.multiaddr, report, timeout, status, known).run(ticket)
    return report


def network_of(network: Network | str | None) -> Network | None:
    """Returns a network by its name; a Network, or None, as it is. Raises ValueError, TypeError."""
    from pyrum_sync.spec.network import Network

    if network is None or isinstance(network, Network):
        return network
    if not isinstance(network, str):
        raise TypeError(f"network must be a Network or its name, not {type(network).__name__}")
    from pyrum_sync.spec.networks import NETWORKS

    found = NETWORKS.get(network.lower())
    if found is None:
        raise ValueError(f"there is no network {network!r}; those known by name are {', '.join(NETWORKS)}")
    return found
