"""What people must not see is hidden, and nothing else."""

from __future__ import annotations

import json

import pytest

from pyrum_sync.protocol.lines import quote
from pyrum_sync.protocol.redaction import Mask, hide

SECRET = "0123abcdef"


@pytest.mark.parametrize("name", ["priv", "key"])
@pytest.mark.parametrize(
    "text",
    [
        "--{}=0123abcdef",
        "_1 a: lvl_trace host start --{}=0123abcdef --nat=false &",
        "--{}='0123abcdef'",
        "--{}='0123abcdef'\"'\"'0123abcdef'",
        "--{}='a'$'\\u0080''0123abcdef'",
        '{{"args":["_1","--{}=0123abcdef"]}}',
        '{{"{}":"0123abcdef","x":1}}',
        '{{"{}": "0123abcdef"}}',
        '{{"x":{{"{}":"\\"0123abcdef"}}}}',
    ],
)
def test_keys_are_masked_where_keys_stand(text: str, name: str) -> None:
    masked = Mask()(text.format(name))
    assert SECRET not in masked
    assert "***" in masked
    for untouched in ("--nat=false", '"x":1', '"_1"'):
        assert (untouched in text) == (untouched in masked)


@pytest.mark.parametrize("secret", [SECRET, "a b", "it's", 'say "x"', "back\\slash", "zoë", "a\nb"])
def test_a_known_key_is_masked_anywhere(secret: str) -> None:
    mask = Mask()
    mask.learn(secret)
    forms = [secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret)]
    for form in forms:
        for text in ("{}", "no key {} here", '{{"error":"bad key {}"}}', "{0} {0}", "x{}y"):
            masked = mask(text.format(form))
            assert secret not in masked
            assert form not in masked
            assert "***" in masked


def test_a_known_key_within_another_leaves_nothing_of_it() -> None:
    for secrets in (("bc", "abcd"), ("abcd", "bc")):
        mask = Mask()
        for secret in secrets:
            mask.learn(secret)
        assert mask("abcd bc") == "*** ***"


def test_nothing_else_is_masked() -> None:
    mask = Mask()
    mask.learn("")
    text = '--keys=1 --private=x {"public":"k","keyed":"x"} priv key'
    assert mask(text) == text


@pytest.mark.parametrize(
    "script",
    [
        "host start --priv=0123abcdef",
        "host start --priv 0123abcdef;",
        "host start --priv='0123abcdef'",
        'host start --priv="0123abcdef"',
        "host start --priv=$'0123abcdef'",
        "host start --priv='0123'\"abcdef\"",
        "K=0123abcdef\nhost start --priv=$K",
        "K='0123abcdef' host start --priv \"${K}\"",
        "x=1; K=0123abcdef; host start '--priv=${K}'",
    ],
)
def test_keys_in_a_script_are_learnt(script: str) -> None:
    mask = Mask()
    mask.learn_from(script)
    assert mask(f"the key is {SECRET}, x=1 $K") == "the key is ***, x=1 $K"


def test_keys_that_rumor_made_are_learnt() -> None:
    made = "0123456789abcdef"
    mask = Mask()
    assert made not in mask(f'{{"msg":"made","priv":"{made}"}}')
    assert mask(f"it is {made}") == "it is ***"
    mask = Mask()
    mask.learn_made([{"priv": made}, {"priv": None}, {}])
    assert mask(f"it is {made}") == "it is ***"


@pytest.mark.parametrize("name", ["priv", "key", "ws-key", "api-key"])
def test_keys_of_a_program_are_hidden(name: str) -> None:
    for cmd in (f"rumor attach --{name}={SECRET}", ["rumor", f"--{name}", SECRET], ["rumor", f"--{name}={SECRET}"]):
        assert SECRET not in hide(repr(cmd))
        assert "***" in hide(repr(cmd))
