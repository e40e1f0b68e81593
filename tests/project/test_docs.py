"""The pages in docs/: what they show is run, and what they say is printed is compared with what is."""

from __future__ import annotations

import code
import contextlib
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.servers import free_port
from pyrum_sync import Rumor

PROJECT = Path(__file__).parents[2]
TUTORIAL = PROJECT / "docs" / "tutorial.md"
PORTING = PROJECT / "docs" / "porting.md"
GOSSIP = PROJECT / "docs" / "gossip.md"
PORT = "3030"  # what the pages call the port of a served Rumor

# A block, with the comment in front of it, which no reader sees: `<!-- only: engine -->`.
_BLOCK = re.compile(r"(?:^<!-- (?P<note>[^\n]*) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
# What differs from run to run: peer ids, and ports that are any free one.
_CHANGING = re.compile(r"16Uiu2HA\w+|(?<=/tcp/)\d+")
_LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]*))?\)")  # but those of the web


class Block(NamedTuple):
    """A fenced block of a page."""

    note: str
    kind: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    return [
        Block(match["note"] or "", match["kind"], match["text"], text.count("\n", 0, match.start("text")))
        for match in _BLOCK.finditer(text)
    ]


class Twins:
    """Which shown id or port stands for which real one: always the same, and never one for two."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}

    def shown(self, page: str, printed: str) -> str:
        """What was printed, in the words of the page where they are known to mean the same."""
        for there, here in zip(_CHANGING.findall(page), _CHANGING.findall(printed), strict=False):
            if here not in self._real and there not in self._real.values():
                self._real[here] = there
        return _CHANGING.sub(lambda match: self._real.get(match[0], match[0]), printed)


Enter = Callable[[Path, int, str, dict[str, Any]], None]


def paste(page: Path, line: int, text: str, names: dict[str, Any]) -> None:
    """Runs a block as a whole, as a file or a prompt of today does; a traceback has the line numbers of the page."""
    exec(compile("\n" * line + text, str(page), "exec"), names)


class Prompt(code.InteractiveConsole):
    """Python's prompt, where an error ends the test."""

    def showtraceback(self) -> None:
        raise  # noqa: PLE0704 - the one that is being handled

    def showsyntaxerror(self, *_args: Any, **_more: Any) -> None:
        raise  # noqa: PLE0704


def type_in(page: Path, line: int, text: str, names: dict[str, Any]) -> None:
    """Types a block at a prompt, line by line, and an empty line at its end where the prompt waits for more."""
    prompt = Prompt(names, str(page))
    more = False
    for number, typed in enumerate(text.splitlines(), line + 1):
        try:
            more = prompt.push(typed)
        except SyntaxError as error:
            pytest.fail(f"{page.name}:{number}: typed at a prompt this is no Python: {error}")
    assert not more or not prompt.push(""), f"{page.name}:{line}: the block is not complete"


def run(
    page: Path,
    port: int,
    *,
    enter: Enter = paste,
    skipped: Collection[str] = (),
    swaps: Sequence[tuple[str, str]] = (),
) -> None:
    """Runs a page's snippets in one namespace, and compares what they print.

    Args:
        page: The page.
        port: Where a Rumor is served.
        enter: How a block is entered.
        skipped: Blocks with these notes are left out.
        swaps: Text of the page, and what stands in its place.
    """
    names: dict[str, Any] = {"__name__": "page"}
    twins = Twins()
    found = blocks(page)
    try:
        for block, following in pairwise([*found, Block("", "", "", 0)]):
            if block.kind != "python" or block.note in skipped or block.note.startswith("file: "):
                continue
            text = block.text
            for there, here in ((PORT, str(port)), *swaps):
                text = text.replace(there, here)
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                enter(page, block.line, text, names)
            page_says = following.text if following.kind == "text" else ""
            assert twins.shown(page_says, printed.getvalue()) == page_says, f"{page.name}:{block.line}"
    finally:
        for value in names.values():
            if isinstance(value, Rumor):
                value.close()


@contextmanager
def serving(*command: str) -> Iterator[int]:
    """A server on a free port, which is given."""
    port = free_port()
    process = subprocess.Popen(
        [*command, "serve", f"--tcp=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a `rumor` is to be put, so that it is the one on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path / "rumor"


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompt's echo of values, which the pages leave out, is made but not printed."""
    monkeypatch.setattr(sys, "displayhook", lambda value: repr(value) and None)


PAGES = pytest.mark.parametrize("page", [TUTORIAL, PORTING, GOSSIP], ids=lambda page: str(page.stem))
ENTERED = pytest.mark.parametrize("enter", [type_in, paste])


@pytest.mark.usefixtures("quiet")
@ENTERED
@PAGES
def test_snippets_on_the_engine(page: Path, enter: Enter, program: Path) -> None:
    """The `rumor` of the pages is the engine."""
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pyrum_sync.engine "$@"\n')
    program.chmod(0o755)
    with serving(str(program)) as port:
        run(page, port, enter=enter, skipped=["only: rumor"])


@pytest.mark.rumor
@PAGES
def test_snippets_on_a_rumor(page: Path, program: Path, rumor_path: str) -> None:
    """The engine of the pages is a Go Rumor."""
    program.symlink_to(rumor_path)
    swaps = (
        ("EmbeddedConn()", 'SubprocessConn("rumor bare --level=trace")'),
        ("import EmbeddedConn", "import SubprocessConn"),
    )
    with serving(rumor_path) as port:
        run(page, port, skipped=["only: engine", "only: simulator"], swaps=swaps)


def test_every_output_is_compared() -> None:
    for page in (TUTORIAL, PORTING, GOSSIP):
        found = blocks(page)
        assert len(found) * 2 == page.read_text().count("```")
        for block, following in pairwise(found):
            if following.kind == "text":
                assert block.kind == "python", f"{page.name}:{following.line} follows no snippet"


def test_shown_files_are_the_files() -> None:
    shown = {block.note.removeprefix("file: "): block.text for block in blocks(PORTING) if "file: " in block.note}
    assert sorted(shown) == ["examples/pyrum_after.py", "examples/pyrum_before.py"]
    for name, text in shown.items():
        assert text == (PROJECT / name).read_text(), name


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{page.name}" for page in sorted(PROJECT.glob("docs/*.md")))])
def test_links_lead_somewhere(page: str) -> None:
    here = PROJECT / page
    links = _LINK.findall(_BLOCK.sub("", here.read_text()))
    assert links
    for target, anchor in links:
        there = (here.parent / target).resolve() if target else here
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings], anchor


def test_an_output_that_differs_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nprint('16Uiu2HAa', '/tcp/1', '16Uiu2HAa')\n```\n\n```text\n16Uiu2HAb /tcp/2 16Uiu2HAb\n```\n"
    )
    run(page, 0)
    page.write_text(page.read_text().replace("16Uiu2HAb\n", "16Uiu2HAc\n"))
    with pytest.raises(AssertionError, match=r"page\.md:1"):
        run(page, 0)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("if True:\n    x = 1\nx = 2\n", False),  # the prompt wants an empty line first
        ("if True:\n    x = 1\n\nx = 2\n", True),
        ("def f():\n    x = 1\n\n    return x\n", False),  # and takes one for the end
        ("with open(\n", False),
        ("if True:\n    x = 1\n", True),
    ],
)
def test_a_block_that_cannot_be_typed_is_found(tmp_path: Path, text: str, typed: bool) -> None:
    with contextlib.nullcontext() if typed else pytest.raises((pytest.fail.Exception, AssertionError)):
        type_in(tmp_path / "page.md", 1, text, {})
