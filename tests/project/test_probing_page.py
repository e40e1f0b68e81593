"""docs/probing.md: its snippets are run on the engine, and its table has every field of a report."""

from __future__ import annotations

import re

from pyrum_sync import PeerReport
from tests.project.test_docs import PROJECT, blocks, run

PAGE = PROJECT / "docs" / "probing.md"


def test_its_snippets() -> None:
    run(PAGE, 0, skipped=("not run",))


def test_every_field_is_in_the_table() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    public = {name for name in (*vars(PeerReport("x")), *vars(PeerReport)) if not name.startswith("_")}
    assert named == public - {"to_dict", "ok"}


def test_its_files_are_there() -> None:
    for target in re.findall(r"\]\((\.\./[^)]*)\)", PAGE.read_text()):
        assert (PAGE.parent / target).exists(), target


def test_its_options_are_the_commands() -> None:
    from pyrum_sync.cli.main import _parser

    known = _parser().parse_args(["probe", "x"])
    for block in blocks(PAGE):
        if block.kind == "console":
            for option in re.findall(r"--([a-z]+)", block.text):
                assert hasattr(known, option), option
