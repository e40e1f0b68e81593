"""``python -m tests.attack.injection``: random text for a real Rumor, and for another shell: none of it is ever run.

What Rumor's shell made of a line, a bare Rumor tells when it starts the call.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import re
import shlex
import shutil
import string
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from pyrum_sync import CallError, Rumor, SubprocessConn
from pyrum_sync.protocol.lines import CLEAR_LINE
from pyrum_sync.transports.locate import find_rumor

HANG = 60.0
PIECES = (
    "'", '"', "`", "$", "\\", "\n", "\r", "\t", " ", "\x80", "\x81", "\x85", "\x7f", "\x1b", "é", "☃", "🎉", "\ufeff",
    ",", "'\"'\"'", "$'", "$(", ")", "${", "}", "((", "))", "\\\n", "\\'", '\\"', "\r\n", "&", "&&", "|", ";", ";;",
    ">", "<", "<<EOF\n", "\nEOF\n", "<(", "#", "!", "*", "?", "[a]", "{a,b}", "~", "=", "A=1 ", "--", "-h", "--help",
    "help", "%s", "touch trap", "\ntouch trap\n", "$(touch trap)", "`touch trap`", "; touch trap;", "> trap",
    "| touch trap", "& touch trap &", "echo trap", "\nexit\n", "\nkill\n", "\nclear_log_data\n", "_1 cancel", "_1_a",
    "alice:", "bob: me", "lvl_error", "\\u0080", "$'\\x80'", "'$'\\u0081''", "eval ", "include x", "\u2028",
    "\U0010ffff", "\0", "\ud800", "\udc80",
)  # fmt: skip
ALPHABETS = (string.printable, "'\"\\$`", "'\x80\x81\\", "".join(map(chr, range(1, 0x180))))
# Each of these does something, where it is not kept from it.
FIXED = (
    "touch trap", "$(touch trap)", "`touch trap`", "; touch trap", "'; touch trap; '", '"; touch trap; "',
    "\ntouch trap\n", "& touch trap", "| touch trap", "> trap", "' > trap '", "\x81'; touch trap; '",
    "'$'\\u0081'; touch trap; '", "\x80\x81", "\0", "a\ud800", "\nexit\n", "help", "-h", "--x", "", "\\", "'",
    "a\r\nb",
)  # fmt: skip
_KNOWN = ("none", "noise", "tls", "secio")  # members of a list that Rumor knows


class Broken(AssertionError):
    """Text did not arrive as it was, or something was run."""


class Wire:
    """A connection that remembers both directions."""

    def __init__(self, conn: SubprocessConn) -> None:
        self._conn = conn
        self.open, self.close = conn.open, conn.close
        self.sent: list[str] = []
        self.words: dict[str, list[str]] = {}  # of each call
        self.strays: list[dict[str, Any]] = []

    def send_line(self, line: str) -> None:
        self.sent.append(line)
        self._conn.send_line(line)

    def recv_line(self) -> bytes | None:
        line = self._conn.recv_line()
        if line is not None:
            self._heard(json.loads(line))
        return line

    def _heard(self, entry: dict[str, Any]) -> None:
        message = entry.get("msg", "")
        if message.startswith("Started "):
            self.words[message.removeprefix("Started ")] = entry["args"]
        elif "call_id" not in entry and not (message == "failed" and entry["args"][0].startswith("_")):
            self.strays.append(entry)


class Attack:
    """A real Rumor in a folder where nothing must appear."""

    def __init__(self, program: str, folder: Path) -> None:
        self._folder = folder
        self.wire = Wire(
            SubprocessConn(f"cd {shlex.quote(str(folder))} && exec {shlex.quote(program)} bare --level=trace")
        )
        self.rumor: Any = Rumor(self.wire, timeout=HANG, clear_log_data_every=1000)
        self.texts = self.refused = self.lines = 0
        self.rumor.sleep("1ns")  # then all is told of its beginning
        self.wire.sent.clear()
        self.wire.strays.clear()

    def __enter__(self) -> Attack:
        return self

    def __exit__(self, *_: object) -> None:
        self.rumor.close()

    def batch(self, texts: Sequence[str]) -> None:
        """Each of these as an argument, a flag's value, a member of a list, or a word of a command."""
        self.texts += len(texts)
        good = [text for text in texts if not self._refused(text, as_member=False)]
        members = [text for text in good if not self._refused(text, as_member=True)]
        calls = []
        for at in range(0, len(good), 9):
            few = good[at : at + 9]
            listed = [text for text in few[6:] if text in members]
            tool = at % 27 == 0
            words = self.rumor.nowait["tool" if tool else "host"]["no such"]
            path = [text for text in few[6:] if text and text != "help" and not text.startswith("-")]
            for text in path:
                words = words[text]
            flags = {f"flag{number}": text for number, text in enumerate(few[3:6])}
            calls.append((words(*few[:3], listed, **flags, members=listed), few, listed, path))
        lines = [call.command for call, *_ in calls]
        for call, *_ in calls:
            self._failed(call)
        for (call, few, listed, path), line, split in zip(calls, lines, self._split(lines), strict=True):
            words = self.wire.words.pop(call.id)
            if words[1 : 2 + len(path)] != ["no such", *path]:
                raise Broken(f"{words!r} is what Rumor makes of {line!r}")
            self._check(words[2 + len(path) :], few, listed, line)
            if split[-len(words) :] != words or not split[0] == f"_{call.id}":
                raise Broken(f"{line!r} is {split!r} for a shell")
        unknown = [text for text in members if text not in _KNOWN]
        starting = [self.rumor.nowait.host.start(nat=False, security=["tls", text, "x"]) for text in unknown]
        for call, text in zip(starting, unknown, strict=True):
            self._member(call, text)
        self._nothing_ran(texts, len(calls) + len(unknown))

    def _refused(self, text: str, as_member: bool) -> bool:
        """Whether it cannot be sent; then nothing is."""
        hopeless = "\0" in text or any("\ud800" <= c <= "\udfff" for c in text) or (as_member and "\r\n" in text)
        if hopeless:
            value = [text] if as_member else text
            for args, flags in (((value,), {}), ((), {"flag": value})):
                try:
                    self.rumor.nowait["host"]["no such"](*args, **flags)
                except ValueError:
                    continue
                raise Broken(f"{text!r} was sent")
            self.refused += 1
        return hopeless

    def _failed(self, call: Any) -> CallError:
        try:
            call.finished()
        except CallError as error:
            return error
        raise Broken(f"{call.command!r} did something")

    def _check(self, words: list[str], few: list[str], listed: list[str], line: str) -> None:
        """What a call's words are, flags first."""
        flags = [f"--flag{number}={text}" for number, text in enumerate(few[3:6])]
        last = words[len(flags)].removeprefix("--members=")
        behind = words[len(flags) + 1 :]
        args = few[:3]
        if args[0] == "help" or any(text.startswith("-") for text in (*args, last)):
            args = ["--", *args]
        if words[: len(flags)] != flags or behind != [*args, last]:
            raise Broken(f"{words!r} is what Rumor makes of {line!r}")
        read = next(csv.reader(io.StringIO(last, newline=""), strict=True), [])
        if read != listed:
            raise Broken(f"{read!r} is in the list {last!r}, not {listed!r}")

    def _member(self, call: Any, text: str) -> None:
        """In a list that Rumor takes apart: it names the first member that it does not know."""
        error = self._failed(call)
        entry = error.entry or {}
        told = str(entry.get("__error", entry.get("error"))).partition("could not recognize security ")[2]
        if told != text:
            raise Broken(f"{told!r} is the member {text!r}")

    def _split(self, lines: Sequence[str]) -> list[list[str]]:
        """What another shell, that of the operating system, makes of these lines: it runs no command of theirs."""
        bash = shutil.which("bash")
        if bash is None:
            raise RuntimeError("there is no bash")
        # To descriptor 3, since the words of a tool stand in `$(…)`.
        script = 'PATH=/nonexistent\nexec 3>&1 >&2\ncommand_not_found_handle() { printf "%s\\0" $# "$@" >&3; }\n'
        script += "".join(f"{line.removesuffix(' &')}\n" for line in lines)
        done = subprocess.run(
            [bash, "--norc"],
            input=script.encode(),
            capture_output=True,
            check=False,
            cwd=self._folder,
            env={"LC_ALL": "C.UTF-8"},
            timeout=HANG,
        )
        *words, end = done.stdout.decode().split("\0")
        found: list[list[str]] = []
        while words:
            count = int(words[0])
            found.append(words[1 : count + 1])
            del words[: count + 1]
        said = done.stderr.decode().replace("\n", "")
        wanted = "".join(f"{split[0][1:]}=" for split in found if "tool" in split[:4])
        if end or len(found) != len(lines) or said != wanted:
            raise Broken(f"a shell makes {found!r} of {lines!r}, and says {said!r}")
        return found

    def _nothing_ran(self, texts: Sequence[str], lines: int) -> None:
        self.rumor.sleep("1ns")
        sent = len([line for line in self.wire.sent if line != CLEAR_LINE])
        self.wire.sent.clear()
        if sent != lines + 1:
            raise Broken(f"of {texts!r} came {sent} lines, not {lines + 1}")
        self.lines += sent
        # Of a tool comes its output, which is none, out of a variable, whose name Rumor tells as it does of any.
        odd = [entry for entry in self.wire.strays if entry.get("envlookup") != "o"]
        odd = [entry for entry in odd if not re.fullmatch(r"[0-9]+_[0-9a-f]{8}=", str(entry.get("stdout")))]
        self.wire.strays.clear()
        made = list(self._folder.iterdir())
        if odd or made:
            raise Broken(f"something ran, of {texts!r}: {odd}, {made}")


def random_text(chance: random.Random) -> str:
    how = chance.random()
    if how < 0.1:  # anything that is a character
        codes = (chance.choice((chance.randrange(1, 0xD800), chance.randrange(0xE000, 0x110000))) for _ in range(12))
        return "".join(map(chr, codes))[: chance.randrange(13)]
    if how < 0.4:
        return "".join(chance.choices(chance.choice(ALPHABETS), k=chance.randrange(25)))
    return "".join(chance.choices(PIECES, k=chance.randrange(8)))


def main(args: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attack.injection", description=__doc__)
    parser.add_argument("--texts", type=int, default=100_000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers (default: %(default)s)")
    options = parser.parse_args(args)
    program = find_rumor()
    if program is None:
        print("no Rumor on PATH or at $RUMOR")
        return 2
    chance = random.Random(options.seed)
    begun = monotonic()
    with tempfile.TemporaryDirectory() as folder, Attack(program, Path(folder)) as attack:
        try:
            while attack.texts < options.texts:
                attack.batch([random_text(chance) for _ in range(min(450, options.texts - attack.texts))])
        except Broken as error:
            print(f"failed after {attack.texts} texts: {error}")
            return 1
        print(f"{attack.texts} texts in {attack.lines} lines, {attack.refused} times one was refused, nothing was run; "
              f"{monotonic() - begun:.0f} s")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
