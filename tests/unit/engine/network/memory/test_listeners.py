"""Who listens where in the memory network."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.network.api import NetworkError
from pyrum_sync.engine.network.memory.listeners import Listeners, is_elsewhere
from pyrum_sync.spec.multiaddr import Multiaddr


def test_the_first_of_two_takes_connections() -> None:
    listeners: Listeners[str] = Listeners()
    place = Multiaddr.tcp("127.0.0.1", 9000)
    assert listeners.find(place) is None
    for host in ("a", "b", "a"):
        assert listeners.open(host, place) == place
    assert listeners.find(place) == "a"
    listeners.close("a", place)
    assert listeners.find(place) == "b"
    listeners.close("b", place)
    listeners.close("b", place)
    assert listeners.find(place) is None


@pytest.mark.parametrize(("everywhere", "loopback"), [("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_all_interfaces_are_the_loopback(everywhere: str, loopback: str) -> None:
    listeners: Listeners[str] = Listeners()
    assert listeners.open("a", Multiaddr.tcp(everywhere, 5)) == Multiaddr.tcp(loopback, 5)


@pytest.mark.parametrize(
    ("dialled", "found"),
    [
        ("/dns4/localhost/tcp/5", "four"), ("/dns/localhost/tcp/5", "four"), ("/dns/LOCALHOST./tcp/5", "four"),
        ("/ip4/0.0.0.0/tcp/5", "four"), ("/dns6/localhost/tcp/5", "six"), ("/ip6/::/tcp/5", "six"),
        ("/dns/localhost/tcp/6", "six"), ("/dns4/localhost/tcp/6", None), ("/dns4/elsewhere/tcp/5", None),
    ],
)  # fmt: skip
def test_names_and_all_interfaces_lead_to_the_loopback(dialled: str, found: str | None) -> None:
    listeners: Listeners[str] = Listeners()
    listeners.open("four", Multiaddr.tcp("127.0.0.1", 5))
    listeners.open("six", Multiaddr.tcp("::1", 5))
    listeners.open("six", Multiaddr.tcp("::1", 6))
    place = Multiaddr.parse(dialled)
    assert listeners.find(place) == found
    assert is_elsewhere(place) == ("elsewhere" in dialled)


def test_free_ports_are_not_those_in_use() -> None:
    listeners: Listeners[str] = Listeners()
    listeners.open("a", Multiaddr.tcp("127.0.0.1", 32769))
    ports = {listeners.open("a", Multiaddr.tcp("127.0.0.1", 0)).port for _ in range(3)}
    assert len(ports | {32769}) == 4


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/ip4/8.8.8.8/tcp/1", "listen tcp4 8.8.8.8:1: bind: cannot assign requested address"),
        ("/ip6/2001:db8::1/tcp/1", "listen tcp6 [2001:db8::1]:1: bind: cannot assign requested address"),
        ("/dns4/example.org/tcp/1", "has no IP address"),
    ],
)
def test_an_address_that_this_machine_does_not_have(address: str, reason: str) -> None:
    listeners: Listeners[str] = Listeners()
    with pytest.raises(NetworkError) as caught:
        listeners.open("a", Multiaddr.parse(address))
    assert reason in str(caught.value)
