"""What is measured, and how fast it should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.contenders import Contender, Script, Work
from benchmarks.feeder import FEED

Figures = dict[str, float]


class Goal(NamedTuple):
    """A ratio of one round's figures, and where it should be."""

    against: str  # a column of the table
    ratio: Callable[[Figures], float]
    bound: float
    at_least: bool = True

    def met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


class Row(NamedTuple):
    title: str
    rounds: int
    contenders: dict[str, Contender]
    goals: list[Goal]
    unit: tuple[str, float] = ("µs", 1e6)  # of the figures, and how many of it are one


BARE, MINIMAL, PYRUM, ITSELF = "bare loop", "minimal reader thread", "pyrum 0.3.0", "itself"


def _times_as_fast(against: str, bound: float) -> Goal:
    return Goal(against, lambda seconds: seconds[against] / seconds["ours"], bound)


def _calls(way: str, bare: float, pyrum: float) -> Row:
    contenders: dict[str, Contender] = {
        "ours": Work("ours", "calls", way, 300),
        BARE: Work("bare", "calls", way, 300),
        MINIMAL: Work("minimal", "calls", way, 300),
        PYRUM: Work("pyrum", "calls", way, 150),
    }
    goals = [_times_as_fast(BARE, bare), _times_as_fast(MINIMAL, 0.95), _times_as_fast(PYRUM, pyrum)]
    return Row(f"calls one after the other, {way}", 25, contenders, goals)


def _flight(way: str, bare: float, pyrum: float) -> Row:
    contenders: dict[str, Contender] = {
        "ours": Work("ours", "flight", way, 3000),
        BARE: Work("bare", "flight", way, 3000),
        PYRUM: Work("pyrum", "flight", way, 3000),
    }
    return Row(
        f"3,000 calls in flight, {way}", 9, contenders, [_times_as_fast(BARE, bare), _times_as_fast(PYRUM, pyrum)]
    )


ENTRIES = Row(
    "300,000 entries of one call",
    7,
    {
        "ours": Work("ours", "entries", "feeder", 300_000),
        BARE: Work("bare", "entries", "feeder", 300_000),
        PYRUM: Work("pyrum", "entries", "feeder", 18_000),
    },
    [_times_as_fast(BARE, 2.0), _times_as_fast(PYRUM, 25)],
)
UNREAD = Row(
    "300,000 entries of one call, read when all have arrived",
    7,
    {
        "ours": Work("ours", "unread", "feeder", 300_000),
        BARE: Work("bare", "entries", "feeder", 300_000),
        PYRUM: Work("pyrum", "entries", "feeder", 18_000),
    },
    [_times_as_fast(BARE, 2.0), _times_as_fast(PYRUM, 25)],
)
FIELD = Row(
    "the same through one field",
    7,
    {"ours": Work("ours", "field", "feeder", 300_000), BARE: Work("bare", "entries", "feeder", 300_000)},
    [_times_as_fast(BARE, 1.0)],
)
STEPS = Row(
    "steps one after the other (beside blocking calls)",
    25,
    {"ours": Work("ours", "steps", "feeder", 300), ITSELF: Work("ours", "calls", "feeder", 300)},
    [_times_as_fast(ITSELF, 0.9)],
)
THREADS = Row(
    "64 threads, each its own calls (beside one thread)",
    15,
    {"ours": Work("ours", "threads", "subprocess", 640), ITSELF: Work("ours", "calls", "subprocess", 300)},
    [_times_as_fast(ITSELF, 0.6)],
)
WAITING = Row(
    "one more call with 20,000 waiting (cost, beside 10 waiting)",
    25,
    {"ours": Work("ours", "hold20000", "feeder", 300), ITSELF: Work("ours", "hold10", "feeder", 300)},
    [Goal(ITSELF, lambda seconds: seconds["ours"] / seconds[ITSELF], 1.2, at_least=False)],
)

_NOTHING = "print(0, flush=True)"
_INTERPRETER = "interpreter"
IMPORT = Row(
    "import, beyond the bare interpreter (time)",
    25,
    {
        "ours": Script(f"import pyrum_sync; {_NOTHING}"),
        _INTERPRETER: Script(_NOTHING),
        PYRUM: Script(f"import pyrum; {_NOTHING}"),
    },
    [
        Goal(_INTERPRETER, lambda took: took["ours"] / took[_INTERPRETER] - 1, 1.5, at_least=False),
        Goal(
            PYRUM,
            lambda took: (took["ours"] - took[_INTERPRETER]) / (took[PYRUM] - took[_INTERPRETER]),
            0.2,
            at_least=False,
        ),
    ],
)

_OURS = """
    import sys
    from pyrum_sync import Rumor, TCPConn
    with Rumor(TCPConn("127.0.0.1", int(sys.argv[1]))) as rumor:
        print(rumor.actor("script").host.start(nat=False).data["priv"], flush=True)
        rumor.actor("script").kill()
"""
_BARE = """
    import socket, sys
    from json import loads
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock:
        lines = sock.makefile("rb")
        sock.sendall(b"_s1 script: lvl_trace host start --nat=false &\\n")
        found = {}
        while "__success" not in (entry := loads(lines.readline())):
            found.update(entry)
        print(found["priv"], flush=True)
        sock.sendall(b"script: kill\\nexit\\n")
        while lines.readline():
            pass
"""
_PYRUM = """
    import sys, trio
    from pyrum import Rumor, TCPConn
    async def main():
        async with TCPConn("127.0.0.1", int(sys.argv[1])) as conn, trio.open_nursery() as nursery:
            rumor = Rumor(conn, nursery)
            print((await rumor.actor("script").host.start(nat=False))["priv"], flush=True)
            await conn.send_line("script: kill")
            await conn.send_line("exit")
            nursery.cancel_scope.cancel()
    trio.run(main)
"""
SCRIPT = Row(
    "a one-off script, from its start to its first result (time)",
    25,
    {"ours": Script(_OURS), BARE: Script(_BARE), PYRUM: Script(_PYRUM)},
    [
        Goal(against, lambda took, against=against: took["ours"] / took[against], bound, at_least=False)  # type: ignore[misc]
        for against, bound in ((BARE, 1.3), (PYRUM, 0.4))
    ],
)
MEMORY = Row(
    "memory of one waiting call (KB)",
    1,
    {"ours": Work("ours", "memory", "feeder", 10_000)},
    [Goal(ITSELF, lambda taken: taken["ours"] / 1024, 3, at_least=False)],
    ("bytes", 1),
)
_TEXT = len(FEED % b"1_00000000") - 1  # bytes of an entry of the feeder's, without the newline
MEMORY_UNREAD = Row(
    "memory of 300,000 unread entries (for each)",
    1,
    {"ours": Work("ours", "memory_unread", "feeder", 300_000)},
    [Goal("their text", lambda taken: taken["ours"] / _TEXT, 1.5, at_least=False)],
    ("bytes", 1),
)

ROWS = [
    _calls("subprocess", 0.80, 3.5),
    _calls("tcp", 0.75, 3),
    _calls("unix", 0.75, 3),
    _calls("websocket", 0.75, 2.5),
    _flight("subprocess", 0.95, 5),
    _flight("tcp", 0.95, 5),
    _flight("unix", 0.95, 5),
    _flight("websocket", 0.75, 4),
    ENTRIES,
    UNREAD,
    FIELD,
    STEPS,
    THREADS,
    WAITING,
    IMPORT,
    SCRIPT,
    MEMORY,
    MEMORY_UNREAD,
]
