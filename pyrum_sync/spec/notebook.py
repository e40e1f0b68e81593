"""Tables for notebooks: HTML in which nothing that came from a peer is markup.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Returns an HTML table with a title, and a row for each name and its text."""
    body = "".join(
        f'<tr><th style="text-align: left">{_shown(name)}</th>'
        f'<td style="text-align: left; word-break: break-all">{_shown(text)}</td></tr>'
        for name, text in rows
    )
    return f'<table><caption style="text-align: left">{_shown(title)}</caption>{body}</table>'


def _shown(text: str) -> str:
    return escape("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))
