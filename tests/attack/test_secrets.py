"""Private keys and the api key stand in nothing that people see: no log, repr, warning, traceback or error text."""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from pyrum_sync import (
    CallError,
    CallTimeout,
    ConnectionLost,
    HandshakeError,
    Rumor,
    RumorError,
    RumorNotFound,
    ShellError,
    SimulatorConn,
    SubprocessConn,
    WebsocketConn,
)
from tests.conftest import HANG, Background
from tests.support.peers import FREED, SUCCESS, ChildServer, ScriptedServer, WebsocketServer, data, entry
from tests.support.servers import RumorServer

Start = Callable[[Callable[[], object]], Background]
KEYS = [f"{number:x}" * 64 for number in (0xA, 0xB, 0xC, 0xD)]
GIVEN, OTHER, SCRIPTED, WRITTEN = (f"{'0123456789'[: number + 3]}{key}"[:64] for number, key in enumerate(KEYS))
API_KEY = "the api key of the tests"


class Seen:
    """All that people see, while it is entered."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd
        self.texts: list[str] = []

    def look(self, *things: object) -> None:
        """Show something as a terminal, a debugger or a log would."""
        for thing in things:
            if isinstance(thing, BaseException):
                self._look_at_error(thing)
            else:
                self.texts += [repr(thing), str(thing), f"{thing}", ascii(thing)]

    def _look_at_error(self, error: BaseException) -> None:
        self.texts += [*traceback.format_exception(error), repr(error), str(error), *map(str, error.args)]
        self.texts += [str(getattr(error, name, "")) for name in ("message", "stderr", "call", "result")]
        for inner in (error.__cause__, error.__context__):  # also what a traceback leaves out
            if inner is not None:
                self._look_at_error(inner)

    @contextmanager
    def error(self, *kinds: type[BaseException]) -> Iterator[None]:
        """One is raised here, and looked at."""
        with pytest.raises(kinds or (RumorError, ValueError, TypeError)) as caught:
            yield
        self.look(caught.value)

    def text(self) -> str:
        out, err = self._capfd.readouterr()
        self.texts += [out, err]
        return "\n".join(self.texts)

    def nothing_of(self, *secrets: str) -> None:
        text = self.text()
        for secret in secrets:
            for form in {secret, secret.upper(), secret.encode().hex(), repr(secret)[1:-1], secret[:16], secret[-16:]}:
                assert form not in text, [line for line in text.split("\n") if form in line][:3]


class Collector(logging.Handler):
    def __init__(self, texts: list[str]) -> None:
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self._texts = texts

    def emit(self, record: logging.LogRecord) -> None:
        self._texts += [self.format(record), repr(record.args), str(record.msg)]


@pytest.fixture
def seen(capfd: pytest.CaptureFixture[str]) -> Iterator[Seen]:
    """With every logger at its most talkative."""
    seen = Seen(capfd)
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, ("pyrum_sync", "websocket", "websockets"))]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    root.addHandler(Collector(seen.texts))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield seen
    assert not warned, "where one is expected, the test looks at it"
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture(params=["simulator", pytest.param("rumor", marks=pytest.mark.rumor)])
def either(request: pytest.FixtureRequest, seen: Seen) -> Iterator[Rumor]:
    """A client that shows all, of the simulator and of the real Rumor."""
    if request.param == "rumor":
        conn: SubprocessConn = SubprocessConn([request.getfixturevalue("rumor_path"), "bare", "--level=trace"])
    else:
        conn = SimulatorConn()
    seen.look(conn)
    with Rumor(conn, debug=True, timeout=HANG) as rumor:
        yield rumor


def test_the_keys_of_hosts(either: Rumor, seen: Seen) -> None:
    alice, bob, carol = map(either.actor, ("alice", "bob", "carol"))
    call = alice.host.start(priv=GIVEN, nat=False)
    seen.look(call, alice, alice.host, alice.host.start, alice.nowait, either.calls, call.field("x"))
    assert GIVEN in call.command, "the line as it was sent is the user's"
    with suppress(CallError):
        seen.look(alice.host.start(priv=OTHER, nat=False))
    with seen.error():
        call.field("none")()
    bytes_call = bob.nowait.host.start(priv=bytes.fromhex(OTHER), nat=False)
    seen.look(bytes_call, either.calls)
    bytes_call.finished()
    made = carol.host.start(nat=False)
    key = made.data["priv"]
    assert len(key) == 64
    seen.look(made, either.calls)
    with seen.error():
        made.field("none")()
    # Whatever script shows it.
    either.shell(f'grab _{made.id}_priv; echo "it is $_{made.id}_priv"', check=False)
    with suppress(CallError):  # a key that goes on to another host
        seen.look(either.actor("dave").host.start(priv=key, nat=False))
    with seen.error(CallTimeout):
        alice.nowait.sleep("1h").finished(timeout=0)
    either.close()
    with seen.error(ConnectionLost):
        alice.host.start(priv=GIVEN)
    seen.look(call, bytes_call, made, either)
    assert seen.text().count("***") > 8
    seen.nothing_of(GIVEN, OTHER, key)


def test_a_key_that_a_script_was_told(peer: ScriptedServer, seen: Seen, background: Start) -> None:
    """Without a debug log, in which it would be learnt."""
    logging.getLogger("pyrum_sync").setLevel(logging.WARNING)
    with peer.rumor() as rumor:
        script = background(lambda: rumor.shell("host start; false"))
        found = re.search(r'echo "(\w+)\."', peer.line() + peer.line())
        assert found
        mark = found[1]
        peer.send(data("s1_1", priv=WRITTEN) + entry(stdout=f"{mark}>it is {WRITTEN}\n"))
        peer.send(entry(stdout=f"{mark}>{mark}:{mark}?1\n") + entry(stdout=f"{mark}.\n"))
        error = script.raised()
        assert isinstance(error, ShellError)
        assert WRITTEN in error.result.stderr, "the output itself is the user's"
        seen.look(error, error.result)
    seen.nothing_of(WRITTEN)


WRONG = [
    "zz" + GIVEN,
    GIVEN.upper(),
    "0x" + GIVEN,
    GIVEN[:40],
    f"it's {GIVEN[:40]}",
    f'say "{GIVEN[:40]}" \\ $HOME `id`',
    f"{GIVEN[:40]}\n{GIVEN[:40]}",
    f"zoë {GIVEN[:40]} \x80 \U0001f600",
    f"-{GIVEN[:40]}",
]


def test_wrong_keys(either: Rumor, seen: Seen) -> None:
    for number, key in enumerate(WRONG):
        with suppress(CallError):
            try:
                seen.look(either.actor(f"a{number}").host.start(priv=key, nat=False))
            except CallError as error:
                seen.look(error, error.call)
                raise
    for bad in (f"{GIVEN}\0", f"{GIVEN}\ud800", [GIVEN, [GIVEN]], {GIVEN: 1}):
        with seen.error(ValueError, TypeError):
            either.actor("alice").host.start(priv=bad)  # type: ignore[arg-type]
    with seen.error(TypeError):
        either.actor("alice").host.start(f"--priv={GIVEN}")  # type: ignore[call-arg]
    words = either.actor("alice").host["start"][f"--priv={GIVEN}"]
    seen.look(words)
    with seen.error(TypeError):
        words(nat=False)
    seen.nothing_of(GIVEN[:40])


SCRIPTS = [
    "x: host start --nat=false --priv={}",
    "x: host start --nat=false --priv {}",
    "x: host start --nat=false --priv='{}'",
    'x: host start --nat=false --priv="{}"; false',
    "x: host start --nat=false --priv=$'{}'",
    "K={}\nx: host start --nat=false --priv=$K",
    "K='{}' && x: host start --nat=false \"--priv=${{K}}\"; exit 3",
    "for i in 1 2; do x: host start --nat=false --priv=zz{} || echo no; done",
    "x: host start --priv={} (",
    "x: host start --nat=false --priv={0}; echo the key is {0} >&2; false",
    "x: host start --nat=false --priv={0}; echo the key is {0}",
    "x: host start --nat=false; echo $__priv; false",
    "x: host start --nat=false; echo $__priv >&2; false",
]


def test_keys_in_scripts(either: Rumor, seen: Seen) -> None:
    for number, script in enumerate(SCRIPTS):
        key = f"{number + 16:x}" * 32
        keys = [key]
        try:
            result = either.shell(script.format(key).replace("x:", f"actor{number}:"))
        except ShellError as error:
            result = error.result
            seen.look(error)
        made = [entry["priv"] for entry in result.entries if "priv" in entry]
        if "--priv" not in script:
            assert len(made) == 1
            assert made[0] in result.stdout + result.stderr, "the output itself is the user's"
            keys = made
        seen.look(result)
        seen.nothing_of(*keys)


# -- what the other side says of them


def started(peer: ScriptedServer, rumor: Rumor) -> list[str]:
    """Keys that were given as text, as bytes, with what needs quotes, and in a script."""
    odd = "it's \\ \"quoted\" and zoë's"
    for key in (GIVEN, bytes.fromhex(OTHER), odd):
        rumor.actor("alice").nowait.host.start(priv=key, nat=False)
        peer.call()
    with pytest.raises(CallTimeout):
        rumor.shell(f"alice: host start --priv='{SCRIPTED}'", timeout=0)
    for _ in range(2):
        peer.line()
    return [GIVEN, OTHER, SCRIPTED, odd]


def test_keys_in_what_a_child_wrote_last(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    with ChildServer() as peer, peer.rumor(debug=True) as rumor:
        keys = started(peer, rumor)
        said = "panic: no good: " + " ".join(f"{key} {key!r} {json.dumps(key)}" for key in keys)
        said += f" {GIVEN.upper()} 0x{OTHER}"
        said += f'\n{{"priv":"{WRITTEN}"}} host start --priv={WRITTEN} --nat=false'
        peer.send(b"\0os.write(2, %r); os._exit(2)" % said.encode())
        for use in (rumor.actor("alice").nowait.host.view, rumor.host.view, rumor.actor("alice").calls):
            with seen.error(ConnectionLost):
                rumor.nowait.sleep("1s").wait()
            with seen.error(ConnectionLost):
                use()
        seen.look(rumor, *rumor.calls.values(), rumor.calls)
        assert "no good: ***" in seen.text()
        seen.nothing_of(*keys, WRITTEN)


def test_keys_in_what_is_no_entry(peer: ScriptedServer, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the lines are cut that are shown."""
    monkeypatch.setattr("pyrum_sync.client.reader._FEW", 1_000_000)
    with peer.rumor(debug=False) as rumor:
        keys = started(peer, rumor)
        for key in keys:
            for before in (0, 150, 190, 199, 450, 480, 499):
                peer.send(f"{'-' * before}{key}\n".encode() + f"{'-' * before}{key}".encode() + b"\xff\n")
        peer.send(f"half a line: {' '.join(keys)}".encode())
        peer.hang_up()
        with seen.error(ConnectionLost):
            rumor.nowait.sleep("1s").wait()
        text = seen.text()
        assert text.count("not an entry") > 20
        for key in keys:
            for part in (key, key[:8], repr(key)[1:-1]):
                assert part not in text


def test_keys_in_errors_and_steps(peer: ScriptedServer, seen: Seen) -> None:
    with peer.rumor(debug=True) as rumor:
        keys = started(peer, rumor)
        alice = rumor.actor("alice")
        for key in keys:
            for why in (f"bad key {key}", f"bad key {key!r}", f"bad key 0x{key}"):
                call = alice.nowait.sleep("1s")
                peer.call()
                peer.error(call.id, why)
                peer.freed(call.id)
                for read in (call.wait, call.finished, call.field("x"), call.cancel):
                    with suppress(CallError):
                        try:
                            read()
                        except CallError as error:
                            seen.look(error)
                            raise
                call = alice.nowait.sleep("1s")
                peer.call()
                peer.failed(f"_{call.id}", "sleep", why=why)
                with seen.error(CallError):
                    call.wait()
            with seen.error(CallTimeout):
                alice.within(0).host.start(priv=key)
            peer.call()
        seen.nothing_of(*keys)


def test_a_custom_connection_that_tells_the_line_it_failed_on(seen: Seen) -> None:
    """Its own words stay its own in the chained cause; those of this library have no key."""

    class Conn:
        def __init__(self) -> None:
            self.sent: SimpleQueue[str | None] = SimpleQueue()

        def open(self) -> None:
            pass

        def send_line(self, line: str) -> None:
            if "host start" in line:
                self.sent.put(None)
                raise OSError(5, f"cannot write {line}")
            if hello := re.match(r"_(\w+) lvl_trace sleep", line):
                self.sent.put(data(hello[1], **SUCCESS).decode() + data(hello[1], **FREED).decode())

        def recv_line(self) -> str | None:
            return self.sent.get()

        def close(self) -> None:
            self.sent.put(None)

    with Rumor(Conn(), timeout=HANG) as rumor:
        with pytest.raises(ConnectionLost) as caught:
            rumor.actor("alice").host.start(priv=GIVEN)
        seen.texts += [str(caught.value), repr(caught.value)]
    seen.nothing_of(GIVEN)


# -- the api key


def test_the_api_key_that_a_server_throws_back(seen: Seen) -> None:
    """In every part of an answer, of every kind."""
    answers = [
        f"HTTP/1.1 403 {API_KEY}\r\nX-Api-Key: {API_KEY}\r\nContent-Length: {len(API_KEY)}\r\n\r\n{API_KEY}",
        f"HTTP/1.1 301 {API_KEY}\r\nLocation: ws://localhost/{API_KEY}\r\n\r\n",
        f"HTTP/1.1 101 {API_KEY}\r\nUpgrade: {API_KEY}\r\n\r\n",
        f"{API_KEY}\r\n\r\n",
        f"HTTP/1.1 {API_KEY}\r\n{API_KEY}\r\n\r\n",
        f"HTTP/1.1 200 OK\r\n{API_KEY}: {API_KEY}\r\n\r\n{API_KEY}",
        "",
    ]
    for answer in answers:
        with answering(answer) as (port, requests):
            conn = WebsocketConn(f"ws://user:{WRITTEN}@127.0.0.1:{port}/ws?token={OTHER}", API_KEY, connect_timeout=5)
            seen.look(conn)
            with seen.error(HandshakeError):
                Rumor(conn, debug=True)
        assert f"X-Api-Key: {API_KEY}\r\n" in requests[0]
        assert WRITTEN not in requests[0], "nor is a password sent"
    seen.nothing_of(API_KEY, WRITTEN, OTHER)


@contextmanager
def answering(answer: str, host: str = "127.0.0.1") -> Iterator[tuple[int, list[str]]]:
    """A server of one request; gives its port, and what it was asked."""
    requests: list[str] = []
    with socket.create_server((host, 0)) as listener:
        listener.settimeout(HANG)

        def serve() -> None:
            try:
                client, _ = listener.accept()
            except OSError:  # nobody came
                return
            with client:
                request = b""
                while not request.endswith(b"\r\n\r\n") and (piece := client.recv(4096)):
                    request += piece
                requests.append(request.decode())
                client.sendall(answer.encode())

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], requests
        finally:
            thread.join(2 * HANG)


def test_an_api_key_that_is_none(seen: Seen) -> None:
    for bad in (f"{API_KEY}\r\nHost: elsewhere", f"{API_KEY}\n", f"{API_KEY}\0", f"{API_KEY}\u20ac", f"{API_KEY}\x85"):
        with seen.error(ValueError):
            WebsocketConn(ws_key=bad)
    with seen.error(TypeError):
        WebsocketConn(ws_key=API_KEY.encode())  # type: ignore[arg-type]
    seen.nothing_of(API_KEY)


@pytest.mark.rumor
def test_the_api_key_of_a_real_rumor(server: RumorServer, seen: Seen) -> None:
    with server.ws() as conn, Rumor(conn, debug=True, timeout=HANG) as rumor:
        seen.look(conn, rumor)
        rumor.actor("keys").sleep("1ns")
    for wrong in (API_KEY, server.KEY + API_KEY, ""):
        conn = server.ws(wrong)
        with seen.error(HandshakeError):
            Rumor(conn, debug=True)
        seen.look(conn)
    seen.nothing_of(API_KEY, server.KEY)


def test_keys_of_a_program_that_is_started(seen: Seen) -> None:
    """Its command is the user's, and is shown; not the keys in it."""
    for cmd in (
        ["no-such-rumor", "attach", "--ws=ws://localhost/ws", f"--ws-key={GIVEN}"],
        ["no-such-rumor", "attach", "--ws-key", GIVEN],
        f"no-such-rumor serve --api-key={GIVEN}",
        f"no-such-rumor --ws-key '{GIVEN}'",
        f"echo what; : --priv={GIVEN} --key {GIVEN}",
    ):
        conn = SubprocessConn(cmd)
        seen.look(conn)
        with seen.error(RumorNotFound, HandshakeError):
            Rumor(conn, debug=True)
        with seen.error(ValueError):
            Rumor(conn)
    seen.nothing_of(GIVEN)


# -- where the api key goes


def test_the_key_goes_unencrypted_to_no_other_machine_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the host is called; nothing is sent here."""
    names = {
        "far.example": ["192.0.2.1"],
        "both.example": ["127.0.0.1", "192.0.2.1"],
        "six.example": ["2001:db8::1"],
        "here.example": ["127.0.0.1", "::1"],
        "mapped.example": ["::ffff:127.0.0.1"],
        "any.example": ["0.0.0.0"],
    }

    def resolve(host: str, port: object, *_: object, **__: object) -> list[Any]:
        if host not in names and not re.fullmatch(r"[\d.]+|[\da-f:]+", host):
            raise socket.gaierror(8, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in names.get(host, [host])]

    class Nothing(socket.socket):
        def connect(self, address: object) -> None:
            raise ConnectionRefusedError(111, f"nothing is sent to {address}")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "socket", Nothing)
    for scheme, host, warned in (
        ("ws", "far.example", True),
        ("ws", "both.example", True),
        ("ws", "six.example", True),
        ("ws", "unknown.example", True),
        ("ws", "192.0.2.1", True),
        ("ws", "[2001:db8::1]", True),
        ("ws", "localhost.far.example", True),
        ("ws", "user:localhost@192.0.2.1", True),
        ("ws", "127.0.0.1@192.0.2.1", True),
        ("ws", "here.example", False),
        ("ws", "mapped.example", False),
        ("ws", "localhost", False),
        ("ws", "127.0.0.1", False),
        ("ws", "127.1.2.3", False),
        ("ws", "[::1]", False),
        ("wss", "far.example", False),
    ):
        for key in ("", API_KEY):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                with pytest.raises(HandshakeError):
                    WebsocketConn(f"{scheme}://{host}:9/ws", key).open()
            assert [each.category for each in caught] == ([RuntimeWarning] if warned and key else []), host
            assert all(each.filename == __file__ for each in caught), "it points at the line of the user"
            assert API_KEY not in "".join(str(each.message) for each in caught)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2"])
def test_what_is_for_this_machine_goes_to_no_proxy(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with answering("HTTP/1.1 400 No\r\n\r\n") as (proxy, stolen):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy}")
        with answering("HTTP/1.1 403 No\r\n\r\n", host) as (port, requests):
            conn = WebsocketConn(f"ws://{host}:{port}/ws", API_KEY)
            with pytest.raises(HandshakeError, match="403"):
                conn.open()
        assert API_KEY in requests[0]
        assert stolen == []
        with socket.create_connection(("127.0.0.1", proxy)):
            pass  # it need not wait any longer


def test_certificates_are_verified_unless_told_otherwise(certificate: Path) -> None:
    def conn(server: WebsocketServer, host: str, **options: Any) -> WebsocketConn:
        return WebsocketConn(f"wss://{host}:{server.port}/ws", API_KEY, **options)

    trusting = ssl.create_default_context(cafile=str(certificate))
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    for host, context, fine in (
        ("localhost", None, False),
        ("localhost", trusting, True),
        ("127.0.0.1", trusting, False),  # the certificate is for another name
        ("127.0.0.1", careless, True),
    ):
        server = WebsocketServer.secure(certificate)
        with server:
            if fine:
                with conn(server, host, ssl_context=context) as open_conn, Rumor(open_conn):
                    assert server.header("X-Api-Key") == API_KEY
            else:
                with pytest.raises(HandshakeError, match="certificate verify failed"):
                    conn(server, host, ssl_context=context).open()
                assert server.request == "", "the key was not sent"
