"""The server's own log on stdout: ``level=info msg="Started server"``, as logrus writes text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TextIO

from pyrum_sync.engine.session.levels import Level

_PLAIN = re.compile(r"[A-Za-z0-9._/@^+-]+")


class ServerLog:
    """Writes entries up to `level`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.level = Level.DEBUG

    def __call__(self, level: Level, message: str, fields: Mapping[str, Any]) -> None:
        """Writes one line."""
        if level > self.level:
            return
        pairs = {"level": level.text, "msg": message, **{name: fields[name] for name in sorted(fields)}}
        try:
            print(" ".join(f"{name}={_shown(value)}" for name, value in pairs.items()), file=self._out, flush=True)
        except OSError:
            self.level = Level.PANIC  # nobody reads it


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else "[" + " ".join(value) + "]" if isinstance(value, list) else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
