"""The catalogue against a real Rumor."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync import CallError, Rumor
from pyrum_sync.catalogue.rows import Parameter
from pyrum_sync.catalogue.tree import commands, roots, tree
from tools.__main__ import main

pytestmark = pytest.mark.rumor


def test_the_table_and_the_help_agree(rumor_path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--rumor", rumor_path]) == 0
    assert capsys.readouterr().out == "no differences\n"


def test_differences_are_told(
    rumor_path: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name: dict[str, Any] = {command.name: command for command in commands()}
    host = {flag.name: flag for flag in by_name["host start"].flags}
    del host["relay"]
    host["nat"] = Parameter("nat", "bool", "false")
    host["agent"] = Parameter("agent", "bytes", "Rumor")
    host["newer"] = Parameter("newer", "bytes", "Rumor")
    monkeypatch.setitem(by_name["host start"].__dict__, "flags", tuple(host.values()))
    monkeypatch.setitem(by_name["peer protect"].__dict__, "args", by_name["peer protect"].args[:1])
    tree().children["peer"].children["newer"] = tree().children["peer"].children.pop("trim")
    try:
        assert main(["check", "--rumor", rumor_path]) == 1
    finally:
        tree.cache_clear()
    assert set(capsys.readouterr().out.splitlines()) == {
        "host start: Rumor also has --relay",
        "host start: Rumor has no --newer",
        "host start: --nat is false by default; in Rumor true",
        "host start: --agent is 'bytes'; in Rumor 'string'",
        "peer protect: arguments: <peer-id>; Rumor: <peer-id> <tag>",
        "peer protect: Rumor also has --tag",
        "peer: Rumor also has 'trim'",
        "peer: Rumor does not list 'newer'",
        "8 differences",
    }


def test_first_words_are_those_of_rumor(rumor: Rumor) -> None:
    told = rumor.help().msg().partition("Sub commands:\n")[2]
    assert {line.split()[0] for line in told.splitlines() if line.strip()} | {"help"} == set(roots())


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda alice: alice.host.lisen(tcp=0), "command was not recognized: did you mean 'listen'?"),
        (lambda alice: alice.host.start(nt=False), "unknown flag: --nt: did you mean 'nat'?"),
        (lambda alice: alice.rpc.statu.listen(), "command was not recognized: did you mean 'status'?"),
    ],
)
def test_the_nearest_name_is_added(rumor: Rumor, run: Any, message: str) -> None:
    with pytest.raises(CallError) as caught:
        run(rumor.actor("alice"))
    assert caught.value.message == message
    assert caught.value.entry is not None


def test_numbers_of_seconds(rumor: Rumor) -> None:
    for value, text in ((0.0005, "500µs"), (1e-9, "1ns"), (1e-12, "1ns")):
        assert rumor.sleep(value).msg() == f"sleeping {text}"
    rumor.host.start(nat=False, negotiation_timeout=1.5, peer_grace_period=0)


def test_words_that_are_arguments(rumor: Rumor) -> None:
    """As the catalogue has it, Rumor takes what stands behind a command for arguments, and arguments by name."""
    host: Any = rumor.host  # to mypy such words are none
    sleep: Any = rumor.sleep
    assert sleep["1ns"]().msg() == "sleeping 1ns"
    assert rumor.sleep(time="1ns").msg() == "sleeping 1ns"
    told = host.listen["--help"]().msg()
    assert told.startswith("(command)")
