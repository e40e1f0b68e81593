"""Words arrive as they were quoted: random ones, on the simulator and on the real Rumor."""

from __future__ import annotations

import random
import shlex

import pytest

from tests.conformance.driver import SIMULATOR, Driver, real_rumor

ALPHABET = "ab \t\n\r'\"\\$`~*?[]{}()<>|&;#!=%^@,.:-_/\x01\x7f\u0085\u00e9\u2028\u2603\U0001f600"


def words(count: int) -> list[str]:
    """Random words, the empty one among them."""
    chance = random.Random(7)
    return ["".join(chance.choices(ALPHABET, k=chance.randrange(12))) for _ in range(count)]


def ansi(word: str) -> str:
    """The word in the other way of quoting, ``$'…'``."""
    return "$'" + "".join(f"\\U{ord(char):08x}" for char in word) + "'"


def check(command: list[str]) -> None:
    given = ["sleep", "1ns", *words(150)]
    with Driver(command) as rumor:
        for quote in (shlex.quote, ansi):
            entries = rumor.do("_a " + " ".join(map(quote, given)))
            (started,) = [e for e in entries if e["msg"] == "Started a"]
            assert started["args"] == given


def test_simulator() -> None:
    check(SIMULATOR)


@pytest.mark.rumor
def test_real() -> None:
    rumor = real_rumor()
    if rumor is None:
        pytest.skip("no real Rumor on PATH or at $RUMOR")
    check([rumor])
