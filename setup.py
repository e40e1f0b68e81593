"""The metadata is in setup.cfg, except for the long description: the README, for a page beside which no files lie."""

import re
from pathlib import Path

from setuptools import setup

_LINK_TO_A_FILE = re.compile(r"\[([^]]+)\]\((?!https?://)([^)]+)\)")


def named(link: "re.Match[str]") -> str:
    """What such a link says, and the file that it leads to, in place of the link."""
    text, file = link.groups()
    return text if text.rstrip("/") == file else f"{text} (`{file}`)"


readme = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
setup(long_description=_LINK_TO_A_FILE.sub(named, readme))
