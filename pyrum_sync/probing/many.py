"""Many peers: on one engine, or in batches on the workers of an executor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from math import ceil
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from pyrum_sync.client.deadline import checked_timeout
from pyrum_sync.probing.crew import Crew
from pyrum_sync.probing.options import Options
from pyrum_sync.probing.report import PeerReport
from pyrum_sync.probing.single import network_of
from pyrum_sync.transports.embedded import EmbeddedConn

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from pyrum_sync.spec.network import Network

_AHEAD: Final = 2  # batches for each worker that are under way or wait for it
_WORKERS: Final = 8  # of an executor that does not say how many it has
_ROUNDS: Final = 4  # a batch is at most so often the concurrency


def probe_many(
    addrs: Iterable[str],
    *,
    concurrency: int = 64,
    timeout: float | None = 10,
    executor: Executor | None = None,
    connect: Callable[[], Any] = EmbeddedConn,
    network: Network | str | None = None,
) -> Iterator[PeerReport]:
    """Probe many peers at a time, as `probe` does each of them.

    Args:
        addrs: the addresses; read lazily, in a thread of its own (with an executor: when the next report is asked for).
        concurrency: how many peers are probed at a time, for each engine.
        timeout: seconds for each peer; None: for ever.
        executor: its workers do the probing: a `ProcessPoolExecutor`, or a cluster's, such as dask.distributed's
            `Client.get_executor()`. Its workers need this package. The addresses go there in batches, and each batch
            has an engine of its own. None: one engine, in this process's threads.
        connect: makes the connection of a Rumor. For an executor of processes it has
            to pickle: a class or a function of a module.
        network: as for `probe`.

    Returns:
        An iterator of the reports, in the order in which they are ready, one for each address: the same address twice
        has two. At most twice `concurrency` of them are under way or unread, so memory does not grow with the
        list. Closing the iterator, or leaving its loop and dropping it, ends what is under way.

    A Rumor that dies is replaced. The peers that were under way on it are probed again, in ever smaller groups, until
    it is clear which one it dies of: that one has an error.

    Raises (while iterating):
        RumorError: no Rumor can be reached, or none in place of one that died.
        TypeError: an address is not a str; and whatever `addrs` raises.
    """
    if isinstance(concurrency, bool) or not isinstance(concurrency, int):
        raise TypeError(f"concurrency must be an int, not {type(concurrency).__name__}")
    if concurrency < 1:
        raise ValueError(f"concurrency must be 1 or more, not {concurrency}")
    if isinstance(addrs, str):
        raise TypeError("addrs must be an iterable of addresses, not one address")
    options = Options(concurrency, checked_timeout(timeout), network_of(network), connect)
    if executor is None:
        return Crew(iter(addrs), options).reports()
    return _in_batches(addrs, executor, options)


def probe_batch(addrs: list[str], options: Options) -> list[PeerReport]:
    """Probe a batch, in a worker of an executor; returns the reports, in the order in which they were ready."""
    return list(Crew(iter(addrs), options).reports())


def _in_batches(addrs: Iterable[str], executor: Executor, options: Options) -> Iterator[PeerReport]:
    workers = _workers_of(executor)
    size = _batch_size(addrs, workers, options.concurrency)
    ready: SimpleQueue[Future[list[PeerReport]]] = SimpleQueue()
    under_way: dict[Future[list[PeerReport]], list[str]] = {}
    batches = _batches(iter(addrs), size)
    try:
        while True:
            for batch in islice(batches, max(0, _AHEAD * workers - len(under_way))):
                future = executor.submit(probe_batch, batch, options)
                under_way[future] = batch
                future.add_done_callback(ready.put)
            if not under_way:
                return
            done = ready.get()
            yield from _reports_of(done, under_way.pop(done))
    finally:
        for future in under_way:
            future.cancel()


def _workers_of(executor: Executor) -> int:
    """How many batches an executor runs at a time, as far as that can be known."""
    count = getattr(executor, "_max_workers", None)
    client = getattr(executor, "_client", None)  # dask.distributed's
    if count is None and client is not None:
        with suppress(Exception):  # whatever another library raises: a guess does
            count = sum(client.nthreads().values())
    return int(count) if isinstance(count, int) and count > 0 else _WORKERS


def _batches(addrs: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(addrs, size)):
        yield batch


def _batch_size(addrs: Iterable[str], workers: int, concurrency: int) -> int:
    """One batch for each worker, if the list is known to be that short: the slowest peers of a batch hold it up."""
    try:
        count = len(addrs)  # type: ignore[arg-type]
    except TypeError:
        return concurrency
    return min(max(1, ceil(count / workers)), _ROUNDS * concurrency)


def _reports_of(future: Future[list[PeerReport]], batch: list[str]) -> Iterable[PeerReport]:
    """The reports of a batch; if the worker itself was lost, one for each address that says so.

    Raises what keeps every batch from being probed: that there is no Rumor, or no worker.
    """
    from concurrent.futures import BrokenExecutor

    from pyrum_sync.errors import RumorError

    try:
        return future.result()
    except (BrokenExecutor, RumorError, TypeError, ValueError):
        raise
    except Exception as error:
        text = f"the worker was lost, or failed: {type(error).__name__}: {' '.join(str(error).split())}"
        return [PeerReport(addr, error=text) for addr in batch]
