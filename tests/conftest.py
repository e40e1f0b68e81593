"""What all tests share: where a real Rumor is, and that each test leaves nothing behind."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from pyrum_sync import Rumor, SubprocessConn
from pyrum_sync.transports.locate import find_rumor
from tests.support.peers import ScriptedServer, make_certificate
from tests.support.servers import RumorServer

RUMOR = find_rumor()
HANG = 20.0  # seconds after which a test that should have gone on is called hanging

settings.register_profile("tests", deadline=None)  # a machine that is busy is no fault
settings.load_profile("tests")

ATTACKS = {"attack", "fuzz", "model", "soak"}  # folders
COVERED = {"contract", "unit"}  # folders
COVERED_CHILDREN = {"serving", "shell", "transports"}  # folders


def _folders(item: pytest.Item) -> set[str]:
    return set(item.path.relative_to(Path(__file__).parent).parts)


def pytest_itemcollected(item: pytest.Item) -> None:
    if ATTACKS & _folders(item):
        item.add_marker("attack")
    # Without coverage, which slows them most: they find faults, not lines, or all that they do is in other processes.
    if not COVERED & _folders(item) or any(item.get_closest_marker(name) for name in ("attack", "rumor")):
        item.add_marker("uncovered")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return 2 * (os.cpu_count() or 1)  # most tests wait for some other process


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    # Coverage makes an engine take three times as long to start, and shows nothing new from most of them.
    covering = None if COVERED_CHILDREN & _folders(item) else os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    try:
        return (yield)
    finally:
        if covering is not None:
            os.environ["COVERAGE_PROCESS_CONFIG"] = covering


def pytest_collection_finish() -> None:
    # What is there before the first test need not be looked through after each.
    gc.collect()
    gc.freeze()


_without_rumor = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where there is no Rumor, what needs one is left out, and one line says so."""
    needy = [item for item in items if RUMOR is None and item.get_closest_marker("rumor")]
    config.stash[_without_rumor] = len(needy)
    if needy:
        config.hook.pytest_deselected(items=needy)
        items[:] = [item for item in items if item not in set(needy)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash.get(_without_rumor, 0):
        terminalreporter.write_line(f"SKIPPED {count} tests that need a Rumor: there is none on PATH or at $RUMOR")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    # With several processes each of them collects all tests, and the one that has the terminal none.
    node.config.stash[_without_rumor] = getattr(node, "workeroutput", {}).get("without Rumor", 0)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["without Rumor"] = session.config.stash.get(_without_rumor, 0)
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.stash.get(_without_rumor, 0):
        session.exitstatus = pytest.ExitCode.OK


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    # What a test logged may hold what is no text (lone surrogates); a report must be fit to be sent to another process.
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report


def _descriptors() -> set[str]:
    found = set()
    for fd in os.listdir("/dev/fd"):
        try:
            found.add(f"{fd} {os.readlink(f'/dev/fd/{fd}')}")
        except OSError:
            continue
    return found


def _children() -> set[str]:
    found: set[str] = set()
    if not os.path.isdir("/proc/self/task"):  # Linux has it; elsewhere nothing is found, nor missed
        return found
    for task in os.listdir("/proc/self/task"):  # not by glob, which leaves a scan open where a thread ends meanwhile
        with suppress(OSError):
            found.update(Path(f"/proc/self/task/{task}/children").read_text().split())
    return found


@pytest.fixture(autouse=True)
def _leaves_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """Threads, descriptors and processes after a test are those before it."""
    if request.node.get_closest_marker("rumor"):
        request.getfixturevalue("_server")  # lives as long as the whole run
    before: list[set[object]] = [set(threading.enumerate()), set(_descriptors()), set(_children())]
    yield
    gc.collect()
    after: list[set[object]] = [set(threading.enumerate()), set(_descriptors()), set(_children())]
    for what, old, new in zip(("threads", "descriptors", "processes"), before, after, strict=True):
        assert not new - old, f"{what} left behind: {new - old}"
    gc.freeze()  # what is kept, such as the test's report: each collection would go through all of it again


@pytest.fixture(scope="session")
def rumor_path() -> str:
    """The real Rumor."""
    if RUMOR is None:
        pytest.skip("no Rumor on PATH or at $RUMOR")
    return RUMOR


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RumorServer | None]:
    if RUMOR is None:
        yield None
        return
    with RumorServer(RUMOR, tmp_path_factory.mktemp("rumor")) as server:
        yield server


@pytest.fixture
def server(_server: RumorServer | None) -> RumorServer:
    """A real Rumor, serving over TCP, a Unix socket and a websocket; one for the whole run."""
    assert _server is not None
    return _server


@pytest.fixture
def own_server(rumor_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RumorServer]:
    """A server that the test may spoil."""
    with RumorServer(rumor_path, tmp_path_factory.mktemp("own")) as server:
        yield server


@pytest.fixture
def rumor(rumor_path: str) -> Iterator[Rumor]:
    """A client of a real Rumor of its own."""
    with SubprocessConn([rumor_path, "bare", "--level=trace"]) as conn, Rumor(conn, timeout=HANG) as rumor:
        yield rumor


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A server on a real socket that does what the test tells it."""
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)  # it frees no calls of its own accord
    with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody but the tests trusts, its key in the same file."""
    both = make_certificate(tmp_path_factory.mktemp("tls"))
    if both is None:
        pytest.skip("no openssl")
    return both


@pytest.fixture
def background() -> Iterator[Callable[[Callable[[], object]], Background]]:
    """Run something in a thread; what it returned or raised is there once it has ended."""
    started: list[Background] = []

    def start(work: Callable[[], object]) -> Background:
        started.append(Background(work))
        return started[-1]

    yield start
    for each in started:
        each.join(HANG)
        assert not each.is_alive(), "a thread of the test hangs"


class Background(threading.Thread):
    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._value: object = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:
            self.error = error

    def value(self) -> object:
        """What it returned; raises what it raised."""
        self.join(HANG)
        assert not self.is_alive(), "hangs"
        if self.error is not None:
            raise self.error
        return self._value

    def raised(self) -> BaseException:
        """What it raised."""
        self.join(HANG)
        assert not self.is_alive(), "hangs"
        assert self.error is not None, f"returned {self._value!r}"
        return self.error


@pytest.fixture
def project() -> Path:
    return Path(__file__).parent.parent
