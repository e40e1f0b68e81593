"""The situations, as data: who is on the other side, what the script does, what goes wrong, and the right answer."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.faults.peer import DRIP, FIN, FREED, RST, STALL, SUCCESS, Piece, entry, of_call
from benchmarks.faults.stage import SAME

# Who is on the other side.
BARE = "Rumor, as child"
SERVED = "Rumor, tcp"
SERVED_WS = "Rumor, websocket"
SCRIPTED = "scripted"
MUTE = "scripted, mute"

# What is done to it, or to the script, once the script says that it waits.
KILL = "SIGKILL to Rumor"
CTRL_C = "SIGINT to the script and its children"


class Right(NamedTuple):
    """The right answer, the same for everybody."""

    words: str  # for people, of the one who gives it
    raises: str | None = None  # what the exception says, with the name of its class before it
    returns: object = None


class Situation(NamedTuple):
    title: str
    peer: str
    work: str  # a method of `Script`, in `ours` and in `theirs`
    right: Right
    says: tuple[Piece, ...] = ()  # what the scripted server answers to the first `host view`
    done: str = ""  # KILL or CTRL_C
    command: str = "{rumor} bare --level=trace"  # that starts a child
    key: str | None = None  # another one than the server's
    limit: float = 6.0  # seconds in which something must happen


def _raises(words: str, says: str) -> Right:
    return Right(f"raises {words}", raises=f"(?i){says}")


def _returns(value: object, words: str) -> Right:
    return Right(words, returns=value)


_GOOD = of_call(addr="here") + SUCCESS + FREED
_VALUE = _returns("here", "ignores it, returns the call's value")
_LOST = _raises(
    "at the call that the connection is lost",
    r"connection.*(lost|closed|reset)|broken ?resource|end ?of ?(stream|channel)",
)
_BIG = 20_000_000
_MANY = 100_000
_FLOOD = entry(call_id="py_999", addr="there") * 1000
_NO_STEPS = "no steps|not.*stepping"
_TIME = _raises("that the time is up", r"time ?out|too ?slow")


def _line(title: str, *says: Piece) -> Situation:
    return Situation(title, SCRIPTED, "view", _VALUE, (*says, _GOOD))


def _entry(title: str, says: bytes) -> Situation:
    """One that belongs to the call."""
    return Situation(title, SCRIPTED, "view", _returns("here", "takes it, returns the call's value"), (says, _GOOD))


def _end(title: str, *says: Piece) -> Situation:
    return Situation(title, SCRIPTED, "view", _LOST, says)


SITUATIONS = [
    # A command that fails.
    Situation("a flag that Rumor does not know", BARE, "bad_flag", _raises("Rumor's reason", "no-such-flag")),
    Situation(
        "a command that Rumor does not know",
        BARE,
        "bad_command",
        _raises("Rumor's reason", "not recognized|no-such-command"),
    ),
    Situation(
        "a first word that Rumor does not know (`touch`)",
        BARE,
        "program",
        _raises("that it is no command, runs nothing", "no command|unknown"),
    ),
    Situation("connecting to a peer that is not there", BARE, "nobody", _raises("Rumor's reason", "dial|refused")),
    Situation("a response with an error code", BARE, "error_chunk", _raises("what the peer wrote", "not today")),
    Situation(
        "a loop over a request that nobody answers",
        BARE,
        "no_answer",
        _returns(["made request"], "ends the loop after its first step"),
    ),
    Situation("`next` on a command that has no steps", BARE, "no_steps", _raises("that it has none", _NO_STEPS)),
    # Values.
    Situation("an argument with `$(touch …)`", BARE, "substitution", _returns(SAME, "arrives as it is, runs nothing")),
    Situation("an argument with both kinds of quotes", BARE, "quotes", _returns('it\'s "so"', "arrives as it is")),
    Situation("an argument with a newline", BARE, "newline", _returns("one\ntwo", "arrives as it is")),
    Situation("a word of 20,000 characters, which comes back", BARE, "long_word", _returns(SAME, "arrives as it is")),
    # What the other side sends.
    _line("a line that is not UTF-8", b'{"level":"info","msg":"\xff\xfe"}\n'),
    _line("a line that is no JSON", b"panic: not JSON\n"),
    _line("a line `null`", b"null\n"),
    _line("a line `42`", b"42\n"),
    _line("a line `[1, 2]`", b"[1, 2]\n"),
    _line("an entry of a call that nobody started", entry(call_id="py_999", addr="there")),
    _entry("an entry without a level", b'{"call_id":"ID","actor":"alice","msg":"hello"}\n'),
    _entry("an entry of 20 MB", of_call(blob="x" * _BIG)),
    Situation(
        f"a flood: {_MANY:,} entries of others' calls before the answer",
        SCRIPTED,
        "view",
        _VALUE,
        (*[_FLOOD] * (_MANY // 1000), _GOOD),
        limit=30,
    ),
    # The connection ends while a call waits.
    _end("the server ends the stream (FIN)", FIN),
    _end("the server resets the connection (RST)", RST),
    _end("the stream ends in the middle of a line", b'{"level":"in', FIN),
    Situation("the served Rumor is killed", SERVED, "wait_for_sleep", _LOST, done=KILL),
    Situation(
        "the child is killed",
        BARE,
        "wait_for_sleep",
        _raises("at the call that the connection is lost, and how the child ended", "SIGKILL|signal 9|status 137"),
        done=KILL,
    ),
    # It does not answer.
    Situation(
        "silence: the server accepts and never says anything; the script sets no limit",
        MUTE,
        "view",
        _raises("that this is not a Rumor", "answer|time ?out"),
        limit=15,
    ),
    Situation(
        "silence in the middle of a call; the script waits a second",
        SCRIPTED,
        "limited",
        _TIME,
        (of_call(addr="here"),),
    ),
    Situation(
        "a drip: 20 bytes a second, never a line; the script waits a second",
        SCRIPTED,
        "limited",
        _TIME,
        (DRIP,),
        limit=15,  # it takes no goodbye
    ),
    Situation(
        "the server stops reading in the middle of a long line; the script waits a second",
        SCRIPTED,
        "limited_write",
        _TIME,
        (_GOOD, STALL),
    ),
    # It cannot be used.
    Situation("a wrong websocket key", SERVED_WS, "listen", _raises("that the key is refused", "403|key"), key="wrong"),
    Situation(
        "there is no such program, as the shell finds out a moment later",
        BARE,
        "listen",
        _raises("that there is none", "no program|not ?found|no such file"),
        command="sleep 0.3; no-such-program bare",
    ),
    Situation(
        "a Rumor below trace level",
        BARE,
        "listen",
        _raises("that it must be at trace level", "trace"),
        command="{rumor} bare",
    ),
    # Several at once.
    Situation(
        "two clients on one server",
        SERVED,
        "two_clients",
        _returns("its own values", "each gets the values of its own calls"),
        limit=90,
    ),
    Situation(
        "a slow consumer: nobody reads the 2,500 entries of a log",
        BARE,
        "unread",
        _returns("goes on", "other calls go on"),
        limit=30,
    ),
    Situation(
        "40 listeners, each cancelled right after its start",
        SERVED,
        "hurry",
        _returns("cancelled", "none lives on in the server"),
        limit=20,
    ),
    # Leaving.
    Situation(
        "closed from elsewhere while a call waits",
        SCRIPTED,
        "closed_meanwhile",
        _raises("at the call that it was closed", "closed"),
        (of_call(addr="here"),),
    ),
    Situation(
        "the block is left while a listener runs", SERVED, "listen", _returns("listens", "leaves nothing in the server")
    ),
    Situation(
        "an exception in the block",
        SERVED,
        "mistake",
        _raises("that very exception, leaves nothing", "^Mine: a mistake$"),
    ),
    Situation(
        "Ctrl-C in the middle of a call, served",
        SERVED,
        "wait_for_step",
        _raises("it, leaves nothing in the server", "^KeyboardInterrupt"),
        done=CTRL_C,
        limit=15,
    ),
    Situation(
        "Ctrl-C in the middle of a call, child",
        BARE,
        "wait_for_sleep",
        _raises("it, leaves no process", "^KeyboardInterrupt"),
        done=CTRL_C,
        limit=15,
    ),
]
