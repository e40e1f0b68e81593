"""The other side of a Rumor client, that answers by itself and keeps what it heard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.support.peers import FREED, SUCCESS, ChildServer, ScriptedServer, UnixServer, WebsocketServer, data, entry

VALUES = 6  # how many values, entries or steps a call gives
LONG = "9h"  # for a `sleep` that lasts until the test ends it


class Answers(ScriptedServer):
    """What each line is answered with. Mixed in before the kind of server."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.heard: list[str] = []
        self.commands: dict[str, str] = {}
        self._given: dict[str, int] = {}
        super().__init__(*args, **options)

    def _heard(self, line: str) -> None:
        self.heard.append(line)
        for pattern, answer in _ANSWERS:
            if found := re.search(pattern, line):
                getattr(self, answer.__name__)(*found.groups())
                return
        super()._heard(line)

    def end(self, call_id: str) -> None:
        """Let a call succeed, and end it."""
        self.freed_after_success(call_id)

    def _start(self, call_id: str, command: str) -> None:
        self.commands[call_id] = command
        if command.startswith("host view"):
            self.send(data(call_id, level="trace", __error="no host") + data(call_id, **FREED))
        elif command.startswith("gossip log"):
            values = (data(call_id, v=number, msg="a value") for number in range(VALUES))
            self.send(data(call_id, **SUCCESS) + b"".join(values))
        elif command.startswith("rpc"):
            self.success(call_id)
        elif not command.startswith(f"sleep {LONG}"):
            self.freed_after_success(call_id)

    def _verb(self, verb: str, call_id: str) -> None:
        if verb == "calls":
            self.entry(calls={"s1_1": {}}, actor="alice")
        self.freed_after_success(call_id)

    def _cancel(self, call_id: str) -> None:
        self.freed(call_id)

    def _attach(self, call_id: str) -> None:
        known = "step timeout could not be parsed" if call_id.startswith("s") else "call not available for stepping"
        self.failed(f"_{call_id}", "next", "x", why=known)

    def _script(self, call_id: str) -> None:
        said = (f"{call_id}>{call_id}:hello\n", f"{call_id}>{call_id}:{call_id}?0\n", f"{call_id}.\n")
        self.send(b"".join(entry(stdout=text) for text in said))

    def _next(self, call_id: str) -> None:
        number = self._given.get(call_id, 0)
        command = self.commands[call_id]
        if "metadata" in command or number == VALUES:
            return  # no step comes
        self._given[call_id] = number + 1
        step = data(call_id, level="trace", msg="Step complete", __step=True)
        if "listen" in command:
            self.send(data(call_id, msg="Received request, queued it to respond to!", v=number) + step)
        elif number == 0:
            self.send(data(call_id, msg="made request", v=0) + step)
        elif "goodbye" in command:
            chunk = {"msg": "Received chunk", "result_code": 1, "fields.msg": "no", "v": number}
            self.send(data(call_id, **chunk) + step)
            self.failed(f"_{call_id}", "next", why="step failed: got 1 reqresp result code")
        else:
            last = data(call_id, msg="Completed request") if number == VALUES - 1 else b""
            self.send(data(call_id, msg="Received chunk", result_code=0, v=number, data="00") + step + last)


_ANSWERS: list[tuple[str, Callable[..., None]]] = [
    (r"^_(\w+) cancel &", Answers._cancel),
    (r"^_(\w+) lvl_trace; ", Answers._attach),
    (r"^_(\w+) next ", Answers._next),
    (r"^_\w+ alice: (\w+) && _(\w+) ", Answers._verb),
    (r"^_(\w+) alice: lvl_trace (.*) &$", Answers._start),
    (r'echo "(\w+)\."; \}', Answers._script),
]


class Answering(Answers, ScriptedServer):
    pass


class AnsweringChild(Answers, ChildServer):
    pass


class AnsweringUnix(Answers, UnixServer):
    pass


class AnsweringWebsocket(Answers, WebsocketServer):
    pass
