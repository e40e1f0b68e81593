"""Nothing that a script is given as text is ever run: it arrives as it is, or is refused before anything is sent."""

from __future__ import annotations

import random
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from pyrum_sync import CallTimeout, Rumor, UnknownCommand
from pyrum_sync.protocol import lines
from tests.attack.injection import FIXED, Attack, Broken, random_text
from tests.support.peers import ScriptedServer

HOSTILE = "'; touch trap; '"


# Whichever way it is asked, this text shows something else than it is.
SHOWS = (
    "__str__ __repr__ __format__ __add__ __radd__ __getitem__ __mul__ replace removesuffix removeprefix strip rstrip"
)
SHOWS += " lstrip lower casefold join translate"
NEVER = ("startswith", "endswith", "__contains__")
ALWAYS = ("isascii", "isidentifier", "isalnum", "isdigit")
Liar: Any = type(
    "Liar",
    (str,),
    {
        **dict.fromkeys(SHOWS.split(), lambda *_: HOSTILE),
        **dict.fromkeys(NEVER, lambda *_: False),
        **dict.fromkeys(ALWAYS, lambda *_: True),
        "__iter__": lambda _: iter("a"),
        "__len__": lambda _: 1,
        "encode": lambda *_: HOSTILE.encode(),
        "__eq__": lambda _, other: other == "host",
        "__hash__": lambda _: hash("host"),
    },
)
LIED_TO = dict.fromkeys(("__str__", "__repr__", "__format__"), lambda *_: Liar(HOSTILE))
Number: Any = type("Number", (int,), {**LIED_TO})
Seconds: Any = type("Seconds", (float,), {**LIED_TO})


class Somewhere:
    def __fspath__(self) -> Any:
        return Liar(HOSTILE)


class Word(str, Enum):
    HOST = "host"
    ALICE = "alice"
    HOSTILE = HOSTILE


@pytest.fixture
def rumor(peer: ScriptedServer) -> Iterator[Any]:
    with peer.rumor() as rumor:
        yield rumor


def sent(peer: ScriptedServer, send: Callable[[], object]) -> str:
    """The line behind the call id, once it was sent; or the error that kept it from being sent."""
    try:
        send()
    except (ValueError, TypeError, AttributeError) as error:
        assert peer.no_line(0.01)
        return type(error).__name__
    lines = peer.line()
    while lines.count("'") % 2:  # a newline within
        lines += "\n" + peer.line()
    return re.sub(r"[0-9]+_[0-9a-f]{8}\b", "ID", lines)


LIED = lines.quote(HOSTILE)
LIES: dict[str, tuple[Callable[[Any], object], str]] = {
    "argument": (lambda r: r.nowait.blocks.rm(Liar(HOSTILE)), f"_ID lvl_trace blocks rm {LIED} &"),
    "flag": (lambda r: r.nowait.host.listen(ip=Liar(HOSTILE)), f"_ID lvl_trace host listen --ip={LIED} &"),
    "member": (lambda r: r.nowait.host.start(mux=[Liar(HOSTILE)]), f"_ID lvl_trace host start --mux={LIED} &"),
    "duration": (lambda r: r.nowait.sleep(Liar(HOSTILE)), f"_ID lvl_trace sleep {LIED} &"),
    "number": (lambda r: r.nowait.blocks.rm(Number(7)), f"_ID lvl_trace blocks rm {LIED} &"),
    "seconds": (lambda r: r.nowait.sleep(Seconds(1.5)), "_ID lvl_trace sleep 1.5s &"),
    "whole seconds": (lambda r: r.nowait.sleep(Number(2)), "_ID lvl_trace sleep 2s &"),
    "path": (lambda r: r.nowait.blocks.rm(Somewhere()), f"_ID lvl_trace blocks rm {LIED} &"),
    "enumeration": (lambda r: r.nowait.blocks.rm(Word.HOSTILE), f"_ID lvl_trace blocks rm {LIED} &"),
    "flag's name": (lambda r: r.nowait.host.start(**{Liar("nat"): True}), "_ID lvl_trace host start --nat=true &"),
    "flag's name, odd": (
        lambda r: r.nowait.blocks.rm("x", **{Liar(HOSTILE): True}), f"_ID lvl_trace blocks rm --{LIED}=true x &"
    ),
    "flag's name with a =": (lambda r: r.nowait.blocks.rm("x", **{"a=b": 1}), "ValueError"),
    "flag's name with a NUL": (lambda r: r.nowait.blocks.rm("x", **{Liar("a\0"): True}), "ValueError"),
    "first word": (lambda r: r.nowait[Liar(HOSTILE)]["start"](), "UnknownCommand"),
    "first word, of an actor": (lambda r: r.actor("a")[Liar(HOSTILE)], "UnknownCommand"),
    "first word, as an attribute": (lambda r: getattr(r.nowait, Liar("touch")), "UnknownCommand"),
    "first word, of a Rumor": (lambda r: getattr(r, Liar("touch")), "UnknownCommand"),
    "word": (lambda r: r.nowait.host[Liar(HOSTILE)](), f"_ID lvl_trace host {LIED} &"),
    "word, as an attribute": (lambda r: getattr(r.nowait.host, Liar(HOSTILE))(), f"_ID lvl_trace host {LIED} &"),
    "word with a NUL": (lambda r: r.nowait.host[Liar("a\0")](), "ValueError"),
    "no word": (lambda r: r.nowait.host[Liar("")](), "UnknownCommand"),
    "actor": (lambda r: r.actor(Liar(HOSTILE)), "ValueError"),
    "actor, plain": (lambda r: r.actor(Liar("bob")).nowait.host.view(), "_ID bob: lvl_trace host view &"),
    "actor, enumeration": (lambda r: r.actor(Word.ALICE).nowait.host.view(), "_ID alice: lvl_trace host view &"),
    "call id": (lambda r: r.attach(Liar("a:")), "ValueError"),
}  # fmt: skip


@pytest.mark.parametrize(("send", "line"), LIES.values(), ids=LIES.keys())
def test_text_that_lies(peer: ScriptedServer, rumor: Any, send: Callable[[Any], object], line: str) -> None:
    rumor.actor("alice")
    assert sent(peer, lambda: send(rumor)) == line


# -- what is no plain name is refused

EXOTIC = [
    "", " ", "a b", "a:", ":", "a;b", "a&", "a|b", "a>b", "a'", 'a"', "a`", "$a", "a$(b)", "a\\", "a/b", "../a", "a=b",
    "{a}", "a*", "~", "#a", "!a", "-a", "--a", ".a", "a\n", "\na", "a\r", "a\t", "a\0", "a\x1b", "a\x80", "a\x81",
    "a\x85", "a\xa0", "a\u200b", "a\u2028", "a\u0301", "\u202ea", "\ufeffa", "\u2603", "a\ud800", "\udc80",
    "a\U000e0001", "a,b", "a@b", "a%",
]  # fmt: skip
NO_CALL_IDS = ["", ":", "a:", "a\0", "a\ud800", "\udc80"]
CALL_IDS = [each for each in EXOTIC if each not in NO_CALL_IDS]
CALL_IDS += ["_a", "__", "a-b", "a.b", "é", "\u0663", "\uff13", "²", "\uff41", "\u212a", "\u017f", "_"]
NO_TEXT: list[Any] = [None, 7, b"a", ["a"], ("a",), object(), 1.5, True]


def test_exotic_names_of_actors(peer: ScriptedServer, rumor: Rumor) -> None:
    for name in EXOTIC:
        for given in (name, Liar(name)):
            with pytest.raises(ValueError, match="cannot be the name of an actor"):
                rumor.actor(given)
    for other in NO_TEXT:
        with pytest.raises(TypeError, match="an actor's name must be a str"):
            rumor.actor(other)
    assert peer.no_line(0.01)


def test_exotic_call_ids(peer: ScriptedServer, rumor: Rumor) -> None:
    for call_id in NO_CALL_IDS:
        for given in (call_id, Liar(call_id)):
            with pytest.raises(ValueError, match="is no call id"):
                rumor.attach(given)
    for other in NO_TEXT:
        with pytest.raises(TypeError, match="a call id must be a str"):
            rumor.attach(other)
    assert peer.no_line(0.01)
    assert not rumor.calls
    for call_id in CALL_IDS:  # Rumor has such calls, if somebody names them so
        for given in (call_id, Liar(call_id)):
            with pytest.raises(CallTimeout):
                rumor.attach(given, timeout=0)
            line = peer.line()
            while line.count("'") % 2:
                line += "\n" + peer.line()
            assert line == lines.attach_line(call_id)
            assert quoted_words(line)[0] == f"_{call_id}"


def quoted_words(line: str) -> list[str]:
    """The words of a line; those that the client writes with `$'…'` are read, too."""
    return shlex.split(re.sub(r"'\$'\\u(....)''", lambda found: chr(int(found[1], 16)), line.partition(";  ")[0]))


def test_characters_in_names() -> None:
    chance = random.Random(7)
    for code in (*range(0x3000), *(chance.randrange(sys.maxunicode + 1) for _ in range(3000))):
        character = chr(code)
        for check, plain in (
            (lines.actor_name, character.isalnum() or character in "_-."),
            (lines.call_name, character not in "\0:" and not "\ud800" <= character <= "\udfff"),
        ):
            try:
                given = check(f"a{character}")
            except ValueError:
                assert not plain
            else:
                assert plain
                assert given == f"a{character}"


def test_one_actor_for_a_name(rumor: Rumor) -> None:
    alice = rumor.actor("alice")
    for name in (Word.ALICE, Liar("alice"), "".join(["ali", "ce"])):
        assert rumor.actor(name) is alice
    assert type(alice.name) is str


def test_words_of_commands(peer: ScriptedServer, rumor: Any) -> None:
    for where in (
        rumor.actor("alice"),
        rumor.nowait,
        rumor.actor("alice").nowait,
        rumor.nowait.host,
        rumor.nowait.host.view,
    ):
        for word in NO_TEXT:
            with pytest.raises(TypeError, match="a word of a command must be a str"):
                where[word]
        with pytest.raises(UnknownCommand):
            where[""]
        for word in ("a\0", "\ud800"):
            with pytest.raises(ValueError, match="a word of a command"):
                where[word]
    for word in (
        *EXOTIC[1:],
        "touch",
        "exit",
        "kill",
        "cancel",
        "next",
        "eval",
        "host start",
        "host\n",
        "_1_a",
        "alice:",
        "lvl_x",
    ):
        for where in (rumor.actor("alice"), rumor.nowait):
            with pytest.raises((UnknownCommand, ValueError)):
                where[word]
    assert peer.no_line(0.01)


# -- a real Rumor


@pytest.fixture
def attack(rumor_path: str, tmp_path: Path) -> Iterator[Attack]:
    if shutil.which("bash") is None:
        pytest.skip("no bash")
    with Attack(rumor_path, tmp_path) as attack:
        yield attack


@pytest.mark.rumor
def test_random_text_is_text(attack: Attack) -> None:
    """`make injection` does it at length."""
    chance = random.Random(5)
    attack.batch(FIXED)
    attack.batch([*reversed(FIXED)])
    for _ in range(3):
        attack.batch([random_text(chance) for _ in range(300)])
    assert attack.refused > 50


def forgets_sentinels(word: str) -> str:
    return "'" + word.replace("'", "'\"'\"'") + "'"


def double_quotes(word: str) -> str:
    return '"' + word.replace('"', '\\"') + '"'


def no_quotes(word: str) -> str:
    return word or "''"


def loses_newlines(word: str) -> str:
    return forgets_sentinels(word.rstrip("\n"))


@pytest.mark.rumor
@pytest.mark.parametrize("quote", [forgets_sentinels, double_quotes, no_quotes, loses_newlines])
def test_bad_quotes_are_noticed(attack: Attack, monkeypatch: pytest.MonkeyPatch, quote: Callable[[str], str]) -> None:
    monkeypatch.setattr(lines, "quote", quote)
    batches = [[text] * 4 for text in FIXED]
    with pytest.raises(Broken):
        list(map(attack.batch, batches))


@pytest.mark.rumor
def test_letters_and_digits_of_all_scripts_in_names_of_actors(attack: Attack) -> None:
    chance = random.Random(6)
    letters = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isalnum()]
    for name in ["²", "٣", "①", "_", "a.", *("".join(chance.choices(letters, k=4)) for _ in range(100))]:
        entry = next(attack.rumor.actor(name).sleep("1ns").entries())
        assert entry["actor"] == name
    assert not [stray for stray in attack.wire.strays if "stdout" in stray or "stderr" in stray]
