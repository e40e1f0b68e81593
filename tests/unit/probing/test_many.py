"""Many peers: one engine, or an executor's workers."""

from __future__ import annotations

import multiprocessing
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from pyrum_sync import PeerReport, Rumor, RumorError, SimulatorConn, SubprocessConn, TCPConn, probe_many
from pyrum_sync.probing import crew
from pyrum_sync.probing.options import Options
from tests.conftest import HANG
from tests.support import dying_engine
from tests.support.crowd import STRANGER

# Nobody listens at any of these, so a network in memory refuses them at once.
REFUSED = [f"/ip4/127.0.0.1/tcp/{port}/p2p/{STRANGER}" for port in range(1, 1000)]
BAD = REFUSED[500]


def dying(*culprits: str) -> Callable[[], SubprocessConn]:
    """Engines that die when one of these addresses is dialled."""
    return partial(SubprocessConn, [sys.executable, dying_engine.__file__, *culprits])


def by_addr(reports: Iterator[PeerReport]) -> dict[str, PeerReport]:
    found = list(reports)
    assert len({report.addr for report in found}) == len(found)
    return {report.addr: report for report in found}


def test_a_report_for_each_address() -> None:
    wanted = [*REFUSED[:20], "nonsense", REFUSED[0], REFUSED[0]]
    reports = list(probe_many(wanted, concurrency=4, connect=SimulatorConn))
    assert Counter(report.addr for report in reports) == Counter(wanted)
    assert {report.stage for report in reports} == {"connect"}


def test_none_at_all() -> None:
    assert list(probe_many([], connect=SimulatorConn)) == []


def test_one_engine_for_all() -> None:
    opened: list[object] = []

    def connect() -> SimulatorConn:
        opened.append(None)
        return SimulatorConn()

    assert len(list(probe_many(REFUSED[:30], concurrency=8, connect=connect))) == 30
    assert len(opened) == 1


def test_a_network_in_memory_says_that_it_is_one() -> None:
    (report,) = probe_many(REFUSED[:1], connect=SimulatorConn)
    assert "network is in memory" in str(report.error)
    assert "EmbeddedConn" in str(report.error)


class Gate:
    """Stands for the peers: a probe waits until it is let through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.under_way: set[str] = set()
        self.most = 0
        self._open: set[str] = set()
        self._all = False
        self._changed = threading.Condition()
        monkeypatch.setattr(crew, "probe_with", self.probe)

    def probe(self, ticket: object, rumor: Rumor, addr: str, *_: object) -> PeerReport:  # noqa: ARG002
        with self._changed:
            self.under_way.add(addr)
            self.most = max(self.most, len(self.under_way))
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._all or addr in self._open, HANG)
            self.under_way.discard(addr)
        return PeerReport(addr)

    def let(self, addr: str) -> None:
        with self._changed:
            self._open.add(addr)
            self._changed.notify_all()

    def let_all(self) -> None:
        with self._changed:
            self._all = True
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.under_way) >= count, HANG)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


def test_in_the_order_in_which_they_are_ready(gate: Gate) -> None:
    reports = probe_many(["a", "b", "c"], concurrency=3, connect=SimulatorConn)
    order: list[str] = []
    for addr in ("b", "c", "a"):
        gate.let(addr)
        order.append(next(reports).addr)
    assert order == ["b", "c", "a"]
    assert next(reports, None) is None


def test_no_more_than_the_concurrency_at_a_time(gate: Gate) -> None:
    reports = probe_many(map(str, range(50)), concurrency=5, connect=SimulatorConn)
    gate.let("0")
    next(reports)
    gate.wait_for(5)
    gate.let_all()
    assert len(list(reports)) == 49
    assert gate.most == 5


def test_addresses_are_read_as_they_are_needed(gate: Gate) -> None:
    """What is under way or unread is twice the concurrency at most, however slowly the reports are taken."""
    read: list[int] = []

    def endless() -> Iterator[str]:
        while True:
            read.append(len(read))
            yield str(len(read))

    gate.let_all()
    reports = probe_many(endless(), concurrency=3, connect=SimulatorConn)
    for count in range(1, 50):
        next(reports)
        assert len(read) <= count + 2 * 3 + 1
    reports.close()  # type: ignore[attr-defined]
    assert len(read) <= 60


def test_a_report_does_not_wait_for_the_next_address(gate: Gate) -> None:
    """Addresses may come slowly, as from a crawler."""
    more = threading.Event()

    def slowly() -> Iterator[str]:
        yield "a"
        more.wait(HANG)
        yield "b"

    gate.let_all()
    reports = probe_many(slowly(), connect=SimulatorConn)
    assert next(reports).addr == "a"
    assert not more.is_set()
    more.set()
    assert [report.addr for report in reports] == ["b"]


def test_leaving_early_ends_what_is_under_way() -> None:
    """A peer that never answers does not hold it up. What is left behind, a fixture finds."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = f"/ip4/127.0.0.1/tcp/{mute.getsockname()[1]}/p2p/{STRANGER}"
        reports = probe_many(["nonsense", silent], timeout=None)
        assert next(reports).addr == "nonsense"
        began = time.monotonic()
        reports.close()  # type: ignore[attr-defined]
        assert time.monotonic() - began < 10


def test_what_the_addresses_raise_is_raised() -> None:
    def broken() -> Iterator[str]:
        yield "nonsense"
        raise KeyError("the crawler broke")

    reports = probe_many(broken(), connect=SimulatorConn)
    with pytest.raises(KeyError, match="the crawler broke"):
        list(reports)


def test_arguments() -> None:
    for wrong in ("an address", 1):
        with pytest.raises(TypeError):
            probe_many(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="concurrency"):
        probe_many([], concurrency=2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="concurrency"):
        probe_many([], concurrency=0)
    with pytest.raises(ValueError, match="timeout"):
        probe_many([], timeout=-1)
    with pytest.raises(ValueError, match="network"):
        probe_many([], network="mainet")
    with pytest.raises(TypeError, match="an address must be a str"):
        list(probe_many([b"x"], connect=SimulatorConn))  # type: ignore[list-item]


def test_no_rumor_is_raised() -> None:
    with pytest.raises(RumorError, match="cannot reach"):
        list(probe_many(REFUSED[:5], connect=partial(TCPConn, "127.0.0.1", 1)))


# -- an engine that dies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("concurrency", [1, 2, 8])
def test_a_rumor_that_dies_is_replaced(concurrency: int) -> None:
    """Only the peer that it dies of has an error of that kind, whatever was under way with it."""
    wanted = [*REFUSED[:12], BAD, *REFUSED[12:20]]
    reports = by_addr(probe_many(wanted, concurrency=concurrency, connect=dying(BAD)))
    assert set(reports) == set(wanted)
    assert "Rumor was lost while it probed this peer" in str(reports[BAD].error)
    assert (reports[BAD].stage, reports[BAD].peer_id) == ("connect", STRANGER)
    del reports[BAD]
    assert {"refused" in str(report.error) for report in reports.values()} == {True}


def test_rumors_that_die_of_several_peers() -> None:
    culprits = [REFUSED[3], REFUSED[9], REFUSED[10]]
    reports = by_addr(probe_many(REFUSED[:16], concurrency=16, connect=dying(*culprits)))
    assert len(reports) == 16
    lost = {addr for addr, report in reports.items() if "Rumor was lost" in str(report.error)}
    assert lost == set(culprits)


def test_no_rumor_in_place_of_one_that_died_is_raised() -> None:
    first = [SimulatorConn([{"do": "die", "command": "peer connect"}])]

    def connect() -> Any:
        return first.pop() if first else TCPConn("127.0.0.1", 1)

    with pytest.raises(RumorError, match="cannot reach"):
        list(probe_many(REFUSED[:8], concurrency=4, connect=connect))


@pytest.mark.rumor
def test_what_a_go_rumor_would_die_of_is_not_handed_to_it(rumor_path: str) -> None:
    """A record of another scheme: three good ones and a bad one are three answers and an error."""
    from tests.unit.probing.test_addresses import PLACE, PUBLIC, of_scheme

    opened: list[object] = []

    def connect() -> SubprocessConn:
        opened.append(None)
        return SubprocessConn([rumor_path, "bare", "--level=trace"])

    bad = of_scheme(id=b"v5", secp256k1=PUBLIC, **PLACE)
    reports = list(probe_many([REFUSED[0], bad, REFUSED[1], REFUSED[2]], connect=connect))
    assert len(opened) == 1
    assert sum("refused" in str(report.error) for report in reports) == 3
    (error,) = [report.error for report in reports if report.addr == bad]
    assert "identity scheme" in str(error)


# -- executors --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["processes", "threads"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "threads":
        with ThreadPoolExecutor(2) as threads:
            yield threads
        return
    # Its helpers outlive the pool in any other way of starting.
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        yield pool


forking = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # since Python 3.12


@forking
def test_batches_on_workers(executor: Executor) -> None:
    wanted = [*REFUSED[:25], REFUSED[0], "nonsense"]
    reports = list(probe_many(wanted, concurrency=4, connect=SimulatorConn, executor=executor))
    assert Counter(report.addr for report in reports) == Counter(wanted)
    assert {report.stage for report in reports} == {"connect"}


@forking
def test_batches_of_what_comes_lazily(executor: Executor) -> None:
    reports = list(probe_many(iter(REFUSED[:25]), concurrency=4, connect=SimulatorConn, executor=executor))
    assert len(by_addr(iter(reports))) == 25


@forking
def test_a_worker_has_a_rumor_that_dies(executor: Executor) -> None:
    wanted = [*REFUSED[:6], BAD]
    reports = by_addr(probe_many(wanted, concurrency=4, connect=dying(BAD), executor=executor))
    assert [addr for addr in wanted if "Rumor was lost" in str(reports[addr].error)] == [BAD]


class Recorder(Executor):
    """Runs at once, and remembers the batches."""

    def __init__(self, workers: int | None = None) -> None:
        self.batches: list[list[str]] = []
        self.open = 0
        if workers is not None:
            self._max_workers = workers

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ARG002
        self.batches.append(args[0])
        future: Future[Any] = Future()
        if "lost" in args[0]:
            future.set_exception(OSError("the machine\nis gone"))
        elif "no rumor" in args[0]:
            future.set_exception(RumorError("none"))
        else:
            future.set_result([PeerReport(addr) for addr in args[0]])
        return future


@pytest.mark.parametrize(
    ("count", "workers", "concurrency", "sizes"),
    [
        (10, 2, 64, [5, 5]),  # short: one batch for each worker
        (1000, 2, 64, [256, 256, 256, 232]),  # long: a few rounds of each engine
        (3, None, 64, [1, 1, 1]),
    ],
)
def test_the_size_of_a_batch(count: int, workers: int | None, concurrency: int, sizes: list[int]) -> None:
    recorder = Recorder(workers)
    wanted = [str(number) for number in range(count)]
    assert len(list(probe_many(wanted, concurrency=concurrency, executor=recorder))) == count
    assert list(map(len, recorder.batches)) == sizes


def test_batches_are_made_as_they_are_needed() -> None:
    recorder = Recorder(1)
    read: list[str] = []

    def lazily() -> Iterator[str]:
        for number in range(1000):
            read.append(str(number))
            yield str(number)

    reports = probe_many(lazily(), concurrency=10, executor=recorder)
    next(reports)
    assert len(read) == 20  # two batches for the one worker
    reports.close()  # type: ignore[attr-defined]


def test_a_worker_that_is_lost_is_an_error_of_its_batch() -> None:
    reports = by_addr(probe_many(["a", "lost", "b"], executor=Recorder(3)))
    assert reports["lost"].error == "the worker was lost, or failed: OSError: the machine is gone"
    assert reports["a"].ok
    assert reports["b"].ok


def test_no_rumor_on_a_worker_is_raised() -> None:
    with pytest.raises(RumorError, match="none"):
        list(probe_many(["a", "no rumor"], executor=Recorder(2)))


def test_its_options_pickle() -> None:
    import pickle

    from pyrum_sync import EmbeddedConn

    options = Options(4, 2.5, None, EmbeddedConn)
    assert pickle.loads(pickle.dumps(options)) == options
