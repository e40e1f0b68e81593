"""The command line of the tools: see the package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools import __doc__ as about
from tools import check, page
from tools import stubs as types

PROJECT = Path(__file__).parents[1]


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m tools", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    tasks = parser.add_subparsers(dest="task", required=True)
    tasks.add_parser("write", help="write the types and the page")
    checking = tasks.add_parser("check", help="compare the table with a real Rumor")
    checking.add_argument("--rumor", default="rumor", metavar="PROGRAM", help="the Rumor (default: %(default)s)")
    options = parser.parse_args(words)
    if options.task == "write":
        write(PROJECT)
        return 0
    differences = check.differences(options.rumor)
    for each in differences:
        print(each)
    print(f"{len(differences) or 'no'} difference{'' if len(differences) == 1 else 's'}")
    return 1 if differences else 0


def write(project: Path) -> None:
    """Write what is made from the catalogue."""
    (project / "pyrum_sync" / "client" / "stubs.py").write_text(types.text(), encoding="utf-8")
    (project / "docs" / "commands.md").write_text(page.text(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
