"""What Python values become in Rumor, checked with the words that a bare Rumor echoes when it starts a call."""

from __future__ import annotations

import json
import logging
import random
import string
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum, IntEnum
from ipaddress import ip_address, ip_network
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from remerkleable.basic import boolean, uint8, uint64, uint256
from remerkleable.bitfields import Bitlist, Bitvector
from remerkleable.byte_arrays import ByteList, Bytes32, ByteVector
from remerkleable.complex import List, Vector

from pyrum_sync import Actor, CallError, Rumor, SubprocessConn
from pyrum_sync.protocol.entries import reason
from tests.conftest import HANG
from tests.real.hosts import eventually
from tests.real.status import status

pytestmark = pytest.mark.rumor


class Echoing:
    """A connection of our own making, that keeps what Rumor echoes."""

    def __init__(self, conn: SubprocessConn) -> None:
        self._conn = conn
        self.words: dict[str, list[str]] = {}  # of each call

    def open(self) -> None:
        self._conn.open()

    def send_line(self, line: str) -> None:
        self._conn.send_line(line)

    def recv_line(self) -> bytes | None:
        line = self._conn.recv_line()
        if line is not None and b'"msg":"Started ' in line:
            entry = json.loads(line)
            self.words[entry["msg"].removeprefix("Started ")] = entry["args"]
        return line

    def close(self) -> None:
        self._conn.close()


class Echo:
    def __init__(self, rumor: Rumor, conn: Echoing) -> None:
        self.actor = rumor.actor("alice")
        self._conn = conn

    def __call__(self, *args: Any, **flags: Any) -> list[str]:
        """The words behind a command as Rumor got them. There is no such command, so the client lets all through."""
        call = self.actor.nowait["host"]["no such command"](*args, **flags)
        with pytest.raises(CallError):
            call.wait()
        command = self._conn.words.pop(call.id)
        assert command[:2] == ["host", "no such command"]
        return command[2:]


@pytest.fixture
def echo(rumor_path: str) -> Iterator[Echo]:
    conn = Echoing(SubprocessConn([rumor_path, "bare", "--level=trace"]))
    with Rumor(conn, timeout=HANG) as rumor:
        yield Echo(rumor, conn)


class Colour(Enum):
    RED = "deep red"
    GREEN = 7


class Level(IntEnum):
    HIGH = 3


class Text(str):
    def __str__(self) -> str:
        return "not this"


TABLE: list[tuple[Any, str]] = [
    ("text", "text"),
    (Text("text"), "text"),
    (0, "0"),
    (-5, "-5"),
    (2**64 - 1, "18446744073709551615"),
    (1.5, "1.5"),
    (1e22, "1e+22"),
    (True, "true"),
    (False, "false"),
    (b"\x00\xff", "00ff"),
    (b"", ""),
    (bytearray(b"\x01"), "01"),
    (memoryview(b"abc"), "616263"),
    (memoryview(b"abcdef")[::2], "616365"),
    ([], ""),
    ([""], '""'),
    (["a", "b"], "a,b"),
    (("a",), "a"),
    (["a,b", 'say "x"', "two\nlines", "", " c "], '"a,b","say ""x""","two\nlines",, c '),
    ([1, 2.5, True, b"\xff", timedelta(seconds=1), Colour.RED], "1,2.5,true,ff,1s,deep red"),
    (timedelta(seconds=1.5), "1.5s"),
    (timedelta(0), "0s"),
    (timedelta(days=1), "86400s"),
    (timedelta(microseconds=1), "0.000001s"),
    (Path("/tmp/a file"), "/tmp/a file"),
    (PurePosixPath("x"), "x"),
    (ip_address("127.0.0.1"), "127.0.0.1"),
    (ip_address("::1"), "::1"),
    (ip_network("10.0.0.0/8"), "10.0.0.0/8"),
    (Colour.RED, "deep red"),
    (Colour.GREEN, "7"),
    (Level.HIGH, "3"),
    (uint64(2**64 - 1), "18446744073709551615"),
    (uint8(200), "200"),
    (uint256(2**255), str(2**255)),
    (boolean(True), "true"),
    (boolean(False), "false"),
    (Bytes32(b"\x07" * 32), "07" * 32),
    (ByteVector[4](b"\x00\x01\x02\x03"), "00010203"),
    (ByteList[10](b"\x01\x02"), "0102"),
    (Bitvector[8](1, 0, 0, 0, 0, 0, 0, 1), "81"),
    (Bitlist[8](1, 0, 1), "0d"),
    (List[uint64, 4](1, 2), "01000000000000000200000000000000"),
    (Vector[uint8, 2](1, 2), "0102"),
    (status(7), status(7).encode_bytes().hex()),
]


def test_table(echo: Echo) -> None:
    for value, text in TABLE:
        words = echo(value)
        if text.startswith("-"):
            assert words == ["--", text], value
        else:
            assert words == [text], value
        assert echo(flag=value) == [f"--flag={text}"], value
    texts = [text for _, text in TABLE]
    values = [value for value, _ in TABLE]
    assert echo(*values) == ["--", *texts]


def test_flags(echo: Echo) -> None:
    assert echo(a_long_name=1, import_="x") == ["--a-long-name=1", "--import=x"]
    assert echo(left_out=None, kept="") == ["--kept="]
    assert echo("arg", flag=True) == ["--flag=true", "arg"]
    assert echo(**{"what a name!": "$x"}) == ["--what a name!=$x"]


@pytest.mark.parametrize(
    "value", [object(), {"a": 1}, {1, 2}, 1j, iter([]), len, [["nested"]], [object()], [None], Actor]
)
def test_values_without_a_form(rumor: Any, value: Any) -> None:
    with pytest.raises(TypeError, match="argument 2"):
        rumor.peer.protect("fine", value)
    with pytest.raises(TypeError, match="flag a-flag"):
        rumor.host.listen(a_flag=value)
    assert not rumor.calls, "nothing was sent"


def test_none(rumor: Any) -> None:
    with pytest.raises(TypeError, match="argument 1"):
        rumor.gossip.join(None)


@pytest.mark.parametrize("text", ["a\0", "\0", "\ud800", "x\udfffy"])
def test_text_that_cannot_travel(rumor: Any, text: str) -> None:
    for value in (text, [text], Path(text), Text(text)):
        with pytest.raises(ValueError, match="argument 1"):
            rumor.gossip.join(value)
        with pytest.raises(ValueError, match="flag ip"):
            rumor.host.listen(ip=value)
    with pytest.raises(ValueError, match=r"flag mux\[1\]"):
        rumor.host.listen(mux=["fine", text])
    with pytest.raises(ValueError, match="script"):
        rumor.shell(f"echo {text}")
    with pytest.raises(ValueError, match="word"):
        rumor.blocks.on[text]
    with pytest.raises(ValueError, match="actor"):
        rumor.actor(text)
    assert not rumor.calls, "nothing was sent"


def test_negative_duration_is_refused(rumor: Rumor) -> None:
    with pytest.raises(ValueError, match="argument 1"):
        rumor.sleep(timedelta(seconds=-1))  # would kill Rumor
    assert rumor.sleep(timedelta(milliseconds=2)).data["msg"] == "done sleeping!"


# -- any text, byte for byte

NASTY = [
    "",
    " ",
    "a b",
    "$HOME",
    "${HOME}",
    "$(echo x)",
    "`echo x`",
    "$((1+1))",
    "'",
    '"',
    "''",
    "it's",
    'say "x"',
    "'\"'\"'",
    "\\",
    "\\\\",
    "a\\",
    "\\n",
    "\\'",
    "$'\\n'",
    "\n",
    "a\nb\n",
    "\r",
    "\r\n",
    "a\rb",
    "\t",
    "\v\f\b\a\x1b\x7f",
    "\x01\x02\x1f",
    "\x80",
    "\x81",
    "\x80\x81\x80",
    "a\x81b'\x80'",
    "\x85",
    "\xa0",
    "\u2028\u2029",
    "\ufeff",
    "\ufffd",
    "\uffff",
    "é",
    "e\u0301",
    "☃",
    "🎉",
    "👩‍👩‍👧",
    "\U0010ffff",
    "-",
    "--",
    "-h",
    "--help",
    "-x=1",
    "help",
    "HELP",
    "next",
    "cancel",
    "_id",
    "alice:",
    "lvl_error",
    "&",
    "&&",
    ";",
    "|",
    ">",
    "/dev/null",
    "#",
    "a#b",
    "# no comment",
    "!",
    "!!",
    "*",
    "?",
    "[a-z]*",
    "{a,b}",
    "~",
    "~root",
    "=",
    "A=1",
    "A=1 B=2",
    "(",
    ")",
    "()",
    "<<EOF",
    "<(ls)",
    "%s",
    "%!d",
    ",",
    "a,b",
    '"a",b',
    '{"json": [1]}',
    "0x00",
    "exit",
    "x" * 100_000,
    "'" * 1000,
    "\x80" * 1000,
]


def words_of(*texts: str) -> list[str]:
    """How arguments go over the wire: a first `help`, or what looks like a flag, has ``--`` before all of them."""
    guarded = texts[0] == "help" or any(text.startswith("-") for text in texts)
    return ["--", *texts] if guarded else [*texts]


def test_nasty_text(echo: Echo) -> None:
    for text in NASTY:
        assert echo(text) == words_of(text)
        assert echo(flag=text) == [f"--flag={text}"]
        assert echo("first", text, "last") == words_of("first", text, "last")
    assert echo(*NASTY) == words_of(*NASTY)


def test_nasty_text_is_data(rumor: Rumor) -> None:
    """Beyond the echo: the command gets it, as argument and as a word in brackets."""
    for text in NASTY:
        assert rumor.blocks.rm(text).data["name"] == text
    for name in NASTY:
        if name and name not in ("help", "HELP") and not name.startswith("-"):
            rumor.blocks.create(name)
            assert rumor.blocks.list().data["current"] == name
            assert rumor.blocks.on[name].list().data["block_roots"] == []
            assert rumor.actor("alice").blocks.switch(name).to() == name


def test_nothing_is_run(rumor: Any, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    for text in (
        f"$(touch {trap})",
        f"`touch {trap}`",
        f"; touch {trap}",
        f"'; touch {trap} '",
        f"\n touch {trap} \n",
        f"& touch {trap}",
        f"| touch {trap}",
        f"> {trap}",
        f"' > {trap} '",
        f"\x81'; touch {trap}; '",
    ):
        for value in (text, [text]):
            rumor.blocks.rm(value)
            with pytest.raises(CallError, match="unknown flag"):
                rumor.blocks.rm("x", flag=value)
        with pytest.raises(CallError):
            rumor.blocks[text]()
        with pytest.raises(CallError):
            rumor.blocks.rm("x", **{text: 1})
    rumor.sleep("1ms")
    assert not trap.exists()


ALPHABETS = [
    string.printable,
    "'\"\\$`!&|;<>(){}[]*?~#=-+ \n\r\t",
    "'\x80\x81\\",
    "".join(map(chr, range(1, 0x180))),
    "aé☃🎉\u2028\x85\x80\x81\ufeff\U0010ffff",
]


def random_text(rng: random.Random) -> str:
    if rng.random() < 0.1:  # anything that is a character
        codes = (
            rng.choice([rng.randrange(1, 0xD800), rng.randrange(0xE000, 0x110000)]) for _ in range(rng.randrange(20))
        )
        return "".join(map(chr, codes))
    return "".join(rng.choices(rng.choice(ALPHABETS), k=rng.randrange(25)))


def test_random_text(echo: Echo) -> None:
    rng = random.Random(1)
    for _ in range(100):
        texts = [random_text(rng) for _ in range(40)]
        assert echo(*texts) == words_of(*texts)
        flags = {f"flag{number}": text for number, text in enumerate(texts)}
        assert echo(**flags) == [f"--{name}={text}" for name, text in flags.items()]


# -- lists, as Rumor reads them


def security(rumor: Rumor, members: list[str], place: int) -> str:
    """The member at a place, as ``host start`` read it: it names the first one that it does not know."""
    words = ["noise", "tls", "secio"]
    with pytest.raises(CallError) as caught:
        rumor.host.start(nat=False, security=[*(words * place)[:place], *members])
    assert caught.value.entry is not None
    message = reason(caught.value.entry, "__error")  # as it came: in `.message` what a terminal obeys is escaped
    assert message.startswith("could not recognize security ")
    return message.removeprefix("could not recognize security ")


def test_members_of_lists(rumor: Rumor) -> None:
    for text in NASTY:
        if "\r\n" in text:
            with pytest.raises(ValueError, match=r"flag security\[0\]"):
                rumor.host.start(security=[text])
        else:
            assert security(rumor, [text], 0) == text
            assert security(rumor, [text, "more", text], 2) == text
            assert security(rumor, [text, "", '"'], 1) == text


def test_random_members_of_lists(rumor: Rumor) -> None:
    rng = random.Random(2)
    for _ in range(1000):
        members = [random_text(rng).replace("\r\n", "") for _ in range(rng.randrange(1, 5))]
        if members[0] not in ("noise", "tls", "secio", "none"):
            assert security(rumor, members, rng.randrange(3)) == members[0]


def test_lists_of_every_length(rumor: Rumor) -> None:
    for members in (["tls"], ["noise", "secio", "tls"], []):
        rumor.actor("_".join(["with", *members])).host.start(nat=False, security=members)
    enrs = [rumor.actor(f"n{number}").enr.make(static_ip="127.0.0.1", udp=9 + number).enr() for number in range(3)]
    run = rumor.actor("n0").nowait.dv5.run(enrs[1:], ip="127.0.0.1", udp=0)  # as an argument
    assert "Started discv5 with 2 bootnodes" in [entry["msg"] for entry in take(run, "Started discv5")]
    run.cancel()


def take(call: Any, last: str) -> list[dict[str, Any]]:
    """The entries up to the one that begins so."""
    entries = []
    for entry in call.entries():
        entries.append(entry)
        if entry["msg"].startswith(last):
            break
    return entries


# -- names of actors


@pytest.mark.parametrize(
    "name", ["alice", "Alice", "a", "a.b-c_1", "9", "_x", "_", "if", "ålice", "爱丽丝", "a" * 1000]
)
def test_names_of_actors(rumor: Rumor, name: str) -> None:
    actor = rumor.actor(name)
    assert rumor.actor(name) is actor
    assert {entry["actor"] for entry in actor.sleep("1ns").entries()} == {name}
    assert eventually(lambda: actor.calls() == {})
    actor.kill()


@pytest.mark.parametrize("name", ["", " ", "a b", "a:", ":", "a\n", "-a", "a'b", "$x", "lvl/x", "☃", "a\x80"])
def test_what_cannot_be_the_name_of_an_actor(rumor: Rumor, name: str) -> None:
    with pytest.raises(ValueError, match="actor"):
        rumor.actor(name)


def test_private_keys_are_masked(rumor_path: str, caplog: pytest.LogCaptureFixture) -> None:
    """In what people see: not in the log of the wire, in no repr and in no error."""
    given = "4fbdc938929d6286339ff996c7d5d374bb11b3d624ee2761af10a4c74002fcea"
    with (
        caplog.at_level(logging.DEBUG, "pyrum_sync"),
        Rumor(SubprocessConn([rumor_path, "bare", "--level=trace"]), timeout=HANG) as rumor,
    ):
        call = rumor.host.start(nat=False, priv=given)
        drawn = rumor.actor("alice").host.start(nat=False).priv()  # Rumor tells those that it made
        generated = rumor.enr.gen_key().key()
        assert given in call.command
        assert given not in repr(call)
        with pytest.raises(CallError) as caught:
            rumor.host.start(nat=False, priv=given + "zz")
        assert given not in str(caught.value)
        assert given not in caught.value.message
    assert "host start --nat=false --priv=***" in caplog.text
    assert "done sleeping!" in caplog.text
    for key in (given, drawn, generated):
        assert len(key) == 64
        assert key not in caplog.text
