"""Listeners, and the addresses of sockets."""

from __future__ import annotations

import errno
import socket

import pytest

from pyrum_sync.engine.network.api import NetworkError
from pyrum_sync.engine.network.libp2p import sockets
from pyrum_sync.spec.multiaddr import Multiaddr


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1", "0.0.0.0", "::"])
def test_a_listener_tells_its_port(ip: str) -> None:
    sock, place = sockets.open_listener(Multiaddr.tcp(ip, 0))
    with sock:
        assert place.ip == ip
        assert place.port == sock.getsockname()[1] != 0
        shown = sockets.reachable(place)
        assert shown[-1].ip == {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(ip, ip)
        assert all(each.port == place.port and each.ip not in ("0.0.0.0", "::") for each in shown)


def test_two_may_share_a_port() -> None:
    """As two hosts of Rumor can."""
    sock, place = sockets.open_listener(Multiaddr.tcp("127.0.0.1", 0))
    with sock, sockets.open_listener(place)[0] as other:
        assert other.getsockname() == sock.getsockname()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("/ip4/198.51.100.1/tcp/9000", "listen tcp4 198.51.100.1:9000: bind: cannot assign requested address"),
        ("/ip6/2001:db8::9/tcp/9000", r"listen tcp6 \[2001:db8::9\]:9000: bind: cannot assign requested address"),
        ("/dns4/localhost/tcp/9000", "no IP address"),
        ("/ip4/127.0.0.1/udp/9000/quic-v1", "no IP address and port of TCP"),
    ],
)
def test_where_it_cannot_listen(address: str, why: str) -> None:
    with pytest.raises(NetworkError, match=f"failed to listen on any addresses: .*{why}"):
        sockets.open_listener(Multiaddr.parse(address))


def test_names_of_sockets() -> None:
    assert sockets.end_of(("127.0.0.1", 80)) == Multiaddr.parse("/ip4/127.0.0.1/tcp/80")
    assert sockets.end_of(("fe80::1%eth0", 80, 0, 3)) == Multiaddr.parse("/ip6/fe80::1/tcp/80")
    assert sockets.end_of(None) is None
    assert sockets.end_of("") is None


def test_what_counts_as_one_address() -> None:
    def origin(text: str) -> str:
        return sockets.origin(Multiaddr.parse(text))

    assert origin("/ip4/192.0.2.1/tcp/1") == origin("/ip4/192.0.2.1/tcp/2") != origin("/ip4/192.0.2.2/tcp/1")
    assert origin("/ip6/2001:db8::1/tcp/1") == origin("/ip6/2001:db8::ffff:2/tcp/1")
    assert origin("/ip6/2001:db8::1/tcp/1") != origin("/ip6/2001:db8:0:1::1/tcp/1")
    assert sockets.origin(None)


def test_reasons_are_those_of_go() -> None:
    assert sockets.reason(ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed")) == "connection refused"
    assert sockets.reason(ValueError("else")) == "else"


def test_connections_send_at_once_and_are_watched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as mine:
        theirs, _ = server.accept()
        with theirs:
            sockets.prepare(theirs)
            assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert theirs.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert not mine.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_the_loopback() -> None:
    assert sockets.is_loopback(Multiaddr.parse("/ip4/127.9.9.9/tcp/1"))
    assert sockets.is_loopback(Multiaddr.parse("/ip6/::1/tcp/1"))
    assert not sockets.is_loopback(Multiaddr.parse("/ip4/192.0.2.1/tcp/1"))
    assert not sockets.is_loopback(Multiaddr.parse("/dns4/localhost/tcp/1"))
    assert not sockets.is_loopback(None)
