"""The network of libp2p over TCP: it makes hosts."""

from __future__ import annotations

from pyrum_sync.engine.network.api import HostOptions, NetworkError
from pyrum_sync.engine.network.peerstore import Peerstore

from .host import LibP2PHost
from .identity import Identity
from .limits import Limits
from .upgrade import MUXERS

_MUXERS = {name.split("/")[1]: name for name in MUXERS}


class LibP2PNetwork:
    """Hosts that meet any other host of libp2p over TCP: the port's `Network`.

    Args:
        limits: The bounds of its hosts.
    """

    name = "tcp"

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._hosts: list[LibP2PHost] = []

    async def new_host(self, options: HostOptions, peerstore: Peerstore) -> LibP2PHost:
        """Makes a host.

        Raises:
            NetworkError: an option that is not known here, or a key that is none.
        """
        identity = _identity(options)
        muxers = _checked("muxer", options.muxers, _MUXERS)
        _checked("transport", options.transports, {"tcp": "tcp"})
        _checked("security protocol", options.security, {"noise": "/noise"})
        self._hosts = [host for host in self._hosts if not host.closed]
        host = LibP2PHost(identity, options, peerstore, muxers, self._limits)
        self._hosts.append(host)
        return host

    async def close(self) -> None:
        """Closes all its hosts; again does nothing."""
        for host in self._hosts:
            await host.close()
        self._hosts.clear()


def _identity(options: HostOptions) -> Identity:
    key = options.private_key
    if len(key) != 32:
        raise NetworkError(f"a private key has 32 bytes, not {len(key)}")
    try:
        return Identity.ed25519(key) if options.key_type == "ed25519" else Identity.secp256k1(key)
    except ValueError as error:
        raise NetworkError(str(error)) from None


def _checked(what: str, names: object, known: dict[str, str]) -> tuple[str, ...]:
    """The full names of options; each of them must be known, and there must be one."""
    chosen = []
    for name in names:  # type: ignore[attr-defined]
        full = known.get(name.strip().lower())
        if full is None:
            raise NetworkError(f"could not recognize {what} {name} (the engine has {', '.join(known)})")
        if full not in chosen:
            chosen.append(full)
    if not chosen:
        raise NetworkError(f"a host needs a {what} (the engine has {', '.join(known)})")
    return tuple(chosen)
