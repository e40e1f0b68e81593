"""Tables for notebooks."""

from __future__ import annotations

from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.notebook import table


def test_nothing_in_it_is_markup() -> None:
    shown = table("<b>", [("<i>", "a & b"), ('"x"', "\x1b\n")])
    assert shown.startswith("<table>")
    assert shown.endswith("</table>")
    for text in ("&lt;b&gt;", "&lt;i&gt;", "a &amp; b", "&quot;x&quot;", "\\x1b\\n"):
        assert text in shown
    assert "<b>" not in shown
    assert shown.isprintable()


def test_a_record_in_a_notebook() -> None:
    record = Record.make("01" * 32, tcp=9000, **{"<b>": b"x"})
    shown = record._repr_html_()
    assert str(record) in shown
    assert record.peer_id in shown
    assert "<b>" not in shown
