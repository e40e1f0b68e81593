"""A lock that a user's thread takes is one that no signal can leave held: `pyrum_sync.transports.locks` says why.

So these functions alone may enter a lock by ``with``: threads of the package run them, in which Python runs no signal
handler. The engine is a program of its own, and takes signals by its event loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pyrum_sync

PACKAGE = Path(pyrum_sync.__file__).parent
LOCKS = ("Barrier", "BoundedSemaphore", "Condition", "Event", "Lock", "RLock", "SafeLock", "Semaphore")
THREADS_OF_OURS = {
    "cli/probe.py": {"addresses"},  # the thread that reads addresses
    "client/demux.py": {"dispatch", "dispatch_block"},  # the reader
    "client/keeper.py": {"_cancel_all"},  # the keeper
    "client/reader.py": {"_end", "_report"},
    "client/session.py": {"_send_cancel"},  # the keeper
    "eth2/serve.py": {"_run", "_replace"},  # the threads that serve
    "probing/crew.py": {"enter", "leave", "_hire", "_take_seat", "_probe_group"},  # its workers
    "probing/meanwhile.py": {"_notice_connections", "_notice_goodbye"},  # the attendant
    "probing/pace.py": {"take", "give_back", "answered"},  # the workers of a crew
}
PLAIN = {  # those that are no SafeLock, and why
    "client/waiter.py": {"Lock"},  # of one wait: a waiter that a signal interrupts is thrown away
    "eth2/serve.py": {"Lock"},  # taken with a limit, by a user's thread
    "probing/crew.py": {"Lock"},  # for the workers
    "probing/pace.py": {"Lock", "Condition"},  # likewise, the Condition's own is a SafeLock
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith("engine/"):
            yield name, ast.parse(path.read_text())


def name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def made(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The locks that are made: what each is called, and its class."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for call in ast.walk(node.value):
                if isinstance(call, ast.Call) and name_of(call.func) in LOCKS:
                    yield from ((name_of(target), name_of(call.func)) for target in targets)


def entered(tree: ast.Module, locks: set[str]) -> Iterator[tuple[str, int]]:
    """The functions that enter a lock by ``with``, or acquire one by a call, and in which line."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.With) and any(name_of(item.context_expr) in locks for item in node.items):
                    yield function.name, node.lineno
                if isinstance(node, ast.Call) and name_of(node.func) == "acquire":
                    yield function.name, node.lineno


def faults(name: str, tree: ast.Module, locks: set[str]) -> list[str]:
    ours = THREADS_OF_OURS.get(name, set())
    if name == "client/waiter.py":
        return []
    return [f"{name}:{line} in {function}" for function, line in entered(tree, locks) if function not in ours]


def test_a_users_thread_enters_no_lock_by_with() -> None:
    trees = dict(sources())
    locks = {lock for tree in trees.values() for lock, _ in made(tree)}
    assert {"lock", "_life", "_wire", "_lock", "_changed"} <= locks
    assert [fault for name, tree in trees.items() for fault in faults(name, tree, locks)] == []


def test_every_lock_is_a_safe_one() -> None:
    for name, tree in sources():
        plain = {kind for _, kind in made(tree)} - {"SafeLock"}
        assert plain == PLAIN.get(name, set()), name


def test_the_exceptions_are_needed() -> None:
    trees = dict(sources())
    locks = {lock for tree in trees.values() for lock, _ in made(tree)}
    for name, functions in THREADS_OF_OURS.items():
        assert functions <= {function for function, _ in entered(trees[name], locks)}, name


@pytest.mark.parametrize("line", ["with self._lock: pass", "with conn._lock, other: pass", "self._lock.acquire()"])
def test_a_fault_is_found(line: str) -> None:
    tree = ast.parse(f"def use(self):\n    self._lock = threading.Lock()\n    {line}\n")
    assert list(made(tree)) == [("_lock", "Lock")]
    assert faults("client/call.py", tree, {"_lock"}) == ["client/call.py:3 in use"]
