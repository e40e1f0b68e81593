"""``pyrum-sync commands``."""

from __future__ import annotations

import pytest

from tests.unit.cli.helpers import shown


def test_all_commands(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = shown(capsys, "commands").splitlines()
    assert len(lines) == 157 + 60
    assert any(line.startswith("host listen  ") for line in lines)


def test_a_command_and_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, "commands", "host", "listen")
    assert "tcp" in told
    assert "addr" in told
    assert "listen" in shown(capsys, "commands", "host")
    assert shown(capsys, "commands", "rpc", "blocks_by_range") == shown(capsys, "commands", "rpc", "blocks-by-range")


def test_search(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, "commands", "stepwise").splitlines()
    assert [line.split("  ")[0] for line in told] == ["dv5 random"]


def test_nothing_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean 'host listen'?" in shown(capsys, "commands", "host", "lissten", status=1)


@pytest.mark.parametrize("word", ["nonsense", "\udc80", "\x1b[2J", "lisen", "x" * 300])
def test_nonsense_has_a_few_nearest_matches_in_a_line(capsys: pytest.CaptureFixture[str], word: str) -> None:
    said = shown(capsys, "commands", word, status=1)
    assert said.count("\n") == 1
    assert said.isascii()
    assert said.rstrip().isprintable()
    assert len(said) < 200 + 4 * len(word)
    assert said.count(",") == 3


@pytest.mark.parametrize("words", [(), ("host", "listen"), ("host",), ("rpc", "any", "req", "raw"), ("enr", "make")])
def test_no_word_is_broken_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    whole = shown(capsys, "commands", *words)
    monkeypatch.setenv("COLUMNS", "60")
    narrow = shown(capsys, "commands", *words)
    assert narrow.split() == whole.split()
    assert max(map(len, narrow.splitlines())) <= 60
