"""The ways in, each with a scripted other side."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ..conftest import HANG
from ..peers import ChildServer, ScriptedServer, UnixServer, WebsocketServer

WAYS = ("subprocess", "tcp", "unix", "ws", "wss")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody but the tests trusts, its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True, timeout=HANG)
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


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
                certificate = request.getfixturevalue("certificate")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate)
                server = WebsocketServer(greet=greet, tls=context, trust=certificate)
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
