"""docs/performance.md: its table is that of benchmarks/results.json, and its files are there."""

from __future__ import annotations

import json
import re

from benchmarks.engine import report as engine_report
from benchmarks.report import marks, on_page, table
from tests.project.test_docs import PROJECT

PAGE = PROJECT / "docs" / "performance.md"


def test_its_table_is_that_of_the_results() -> None:
    figures = json.loads((PROJECT / "benchmarks" / "results.json").read_text())
    text = PAGE.read_text()
    assert on_page(text, table(figures)) == text


def test_the_table_of_the_engine_is_that_of_its_results() -> None:
    figures = json.loads((PROJECT / "benchmarks" / "engine.json").read_text())
    text = PAGE.read_text()
    assert on_page(text, engine_report.table(figures), engine_report.COMMAND) == text


def test_another_table_takes_its_place() -> None:
    page = on_page(PAGE.read_text(), "no table")
    begin, end = marks("make bench")
    assert f"{begin}no table{end}" in page
    assert on_page(page, table(json.loads((PROJECT / "benchmarks" / "results.json").read_text()))) == PAGE.read_text()


def test_its_files_are_there() -> None:
    for target in re.findall(r"\]\(((?:\.\./)?[\w/.]+\.\w+)\)", PAGE.read_text()):
        assert (PAGE.parent / target).exists(), target
