"""The server's own log, as logrus writes text."""

from __future__ import annotations

import io

from pyrum_sync.engine.serving.server_log import ServerLog
from pyrum_sync.engine.session.levels import Level


def test_a_line_has_its_fields_in_order_and_quotes_where_they_are_needed() -> None:
    out = io.StringIO()
    log = ServerLog(out)
    log(Level.INFO, "Started server", {"b": "x y", "a": "127.0.0.1/tcp", "n": 3, "args": ["p", "q"]})
    log(Level.TRACE, "hidden", {})
    assert out.getvalue() == 'level=info msg="Started server" a=127.0.0.1/tcp args="[p q]" b="x y" n=3\n'


def test_a_reader_that_is_gone_silences_it() -> None:
    class Gone(io.StringIO):
        writes = 0

        def write(self, text: str) -> int:
            self.writes += 1
            raise BrokenPipeError(text)

    out = Gone()
    log = ServerLog(out)
    log(Level.INFO, "one", {})
    log(Level.INFO, "two", {})
    assert out.writes == 1
