"""The ways in, each with a scripted other side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.peers import ChildServer, ScriptedServer, UnixServer, WebsocketServer

WAYS = ("subprocess", "tcp", "unix", "ws", "wss")


@pytest.fixture
def serve(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., ScriptedServer]]:
    """Start the other side of a way in, by its name."""
    with ExitStack() as stack:

        def start(way: str, *, greet: bool = False) -> ScriptedServer:
            if way == "unix":
                server: ScriptedServer = UnixServer(tmp_path / "socket", greet=greet)
            elif way == "ws":
                server = WebsocketServer(greet=greet)
            elif way == "wss":
                server = WebsocketServer.secure(request.getfixturevalue("certificate"), greet=greet)
            else:
                server = {"subprocess": ChildServer, "tcp": ScriptedServer}[way](greet=greet)
            return stack.enter_context(server)

        yield start


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """Each way in."""
    name: str = request.param
    return name


@pytest.fixture
def other(serve: Callable[..., ScriptedServer], way: str) -> ScriptedServer:
    """The other side of each way in. It sends nothing of its own but an end after `exit`."""
    return serve(way)
