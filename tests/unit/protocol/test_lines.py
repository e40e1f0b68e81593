"""Words to a line."""

from __future__ import annotations

import random
import shlex
import shutil
import subprocess
from typing import Any

import pytest

from pyrum_sync.protocol.lines import (
    actor_name,
    attach_line,
    call_line,
    call_name,
    call_number,
    cancel_line,
    command_in,
    flag,
    hello_line,
    is_probe,
    next_line,
    probe_found,
    quote,
    tool_line,
    verb_line,
)
from tests.conftest import HANG

SPECIAL = "$`'\"\\ \t\n\r!*?[](){}<>|&;#~=%^,:@+-_./aZ09"
ODD = "\x01\x07\x1b\x7f\x85\xa0é€\u2028\ufeff\ufffd😀\U0010ffff"
SENTINELS = "\x80\x81"


def words(count: int, alphabet: str) -> list[str]:
    chance = random.Random(20201020)
    return ["".join(chance.choices(alphabet, k=chance.randrange(12))) for _ in range(count)]


def read_back(shell: str, samples: list[str]) -> list[str]:
    script = "\n".join(f"printf '%s\\0' {quote(word)}" for word in samples)
    done = subprocess.run(
        [shell], input=script.encode(), stdout=subprocess.PIPE, check=True, timeout=HANG, env={"LC_ALL": "C.UTF-8"}
    )
    return done.stdout.decode().split("\0")[:-1]


# -- words to a line


@pytest.mark.parametrize("word", ["a", "A-z_0.9", "/ip4/127.0.0.1/tcp/9000", "a@b:c%d+e,f"])
def test_a_plain_word_stays_as_it_is(word: str) -> None:
    assert quote(word) == word


def test_an_empty_word_is_a_word() -> None:
    assert quote("") == "''"


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_reads_every_word_back_unharmed(shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell}")
    samples = [*SPECIAL, *ODD, *words(4000, SPECIAL + ODD), "''", "'\"'", "$'x'", "a\\\nb", " ", "x" * 10_000]
    assert read_back(program, samples) == samples


def test_a_shell_reads_its_own_sentinels_back_unharmed() -> None:
    program = shutil.which("bash")  # $'…' is no part of a plain sh
    if program is None:
        pytest.skip("no bash")
    samples = [*SENTINELS, *words(2000, SENTINELS * 8 + SPECIAL + ODD)]
    assert any("'\x80" in sample for sample in samples)
    assert read_back(program, samples) == samples


def test_no_sentinel_stands_bare_in_a_quoted_word() -> None:
    for word in words(500, SENTINELS * 4 + SPECIAL):
        assert not set(SENTINELS) & set(quote(word))


def test_a_flag_always_has_its_equals_sign() -> None:
    assert flag("nat", "false") == "--nat=false"
    assert flag("name", "") == "--name=''"
    assert flag("name", "a b") == "--name='a b'"
    assert flag("a b", "c") == "--'a b'=c"


@pytest.mark.parametrize("actor", ["", "alice"])
@pytest.mark.parametrize("form", [call_line, tool_line])
@pytest.mark.parametrize("words", [["host", "view"], ["peer", "connect", "'a lvl_trace b &'"], ["tool", "'x &'"]])
def test_the_command_is_read_back_from_its_line(actor: str, form: Any, words: list[str]) -> None:
    assert command_in("1_ab".join(form(actor, words)), "1_ab") == " ".join(words)


def test_a_line_that_starts_no_call_has_no_command() -> None:
    assert command_in(attach_line("1_ab"), "1_ab") == ""


@pytest.mark.parametrize("name", ["alice", "a", "A.b-c_d", "0", "7up", "zoë"])
def test_actor_names(name: str) -> None:
    assert actor_name(name) == name


@pytest.mark.parametrize("name", ["", " ", "a b", "a:", "a:b", "a\n", "-a", ".a", "a/b", "a'b", "$a", "a\0", "a&"])
def test_what_cannot_be_an_actor(name: str) -> None:
    with pytest.raises(ValueError, match="name of an actor"):
        actor_name(name)


def test_an_actor_name_is_text() -> None:
    with pytest.raises(TypeError, match="an actor's name must be a str, not int"):
        actor_name(1)  # type: ignore[arg-type]


@pytest.mark.parametrize("call_id", ["py_0", "1_abc", "Z", "_py_0", "_", "a b", "a;b", "a\n", "é", "a-b", ":a"])
def test_call_ids(call_id: str) -> None:
    assert call_name(call_id) == call_id
    for line in (cancel_line(call_id), next_line(call_id), attach_line(call_id)):
        assert shlex.split(line)[0].rstrip(";") == f"_{call_id}"


@pytest.mark.parametrize("call_id", ["", "a:", ":", "a\0", "\ud800"])
def test_what_is_no_call_id(call_id: str) -> None:
    with pytest.raises(ValueError, match="is no call id"):
        call_name(call_id)


def test_the_numbers_of_ids_that_rumor_made() -> None:
    assert call_number("s12_34") == 34
    for other in ("py_0", "s1", "s1_", "s_1", "xs1_1", "s1_1x", "s1_1\n", None, 7, "s1_" + "1" * 5000):
        assert call_number(other) is None


def test_a_call_id_is_text() -> None:
    with pytest.raises(TypeError, match="a call id must be a str, not NoneType"):
        call_name(None)  # type: ignore[arg-type]


def test_the_forms_of_lines() -> None:
    assert "1_a".join(call_line("alice", ["host", "start", "--nat=false"])) == (
        "_1_a alice: lvl_trace host start --nat=false &"
    )
    assert "1_a".join(call_line("", ["host", "view"])) == "_1_a lvl_trace host view &"
    assert "1_a".join(tool_line("", ["tool", "x"])) == ('{ o="$(_1_a lvl_trace tool x)"; printf %s "1_a=$o"; } &')
    assert verb_line("1_a", "bob", "kill") == "_1_a bob: kill && _1_a lvl_trace sleep 1ns &"
    assert verb_line("1_a", "", "calls") == "_1_a calls && _1_a lvl_trace sleep 1ns &"
    assert hello_line("1_a") == "_1_a lvl_trace sleep 1ns; echo 1_a >&2"
    assert cancel_line("1_a") == "_1_a cancel &"
    assert next_line("1_a") == "_1_a next &"
    assert next_line("1_a", "500ms") == "_1_a next 500ms &"
    assert attach_line("py_0") == "_py_0 lvl_trace; _py_0 next x &"


def test_the_answer_to_attaching() -> None:
    assert is_probe(["_py_0", "next", "x"])
    assert not is_probe(["_py_0", "next"])
    assert not is_probe(["_py_0", "next", "500ms"])
    assert probe_found("step timeout could not be parsed: time: invalid duration")
    assert not probe_found("call not available for stepping")
