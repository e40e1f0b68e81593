"""A scripted engine: it says that it is one, and answers requests and listeners as the test tells it."""

from __future__ import annotations

import re
import shlex
import socket
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any, NamedTuple

from tests.support.peers import ScriptedServer, entry

GREETING = {"msg": "an engine", "engine": "scripted", "version": "0", "network": "memory"}
_PREFIX = "/eth2/beacon_chain/req/"


class Said(NamedTuple):
    """A chunk that the scripted peer answers with."""

    data: bytes
    context: str | None = None
    code: int = 0


class Asked(NamedTuple):
    """An `rpc` command that the client gave."""

    words: tuple[str, ...]
    """After `rpc`: the words of the command, and its arguments."""
    flags: dict[str, str]


class ScriptedEngine(ScriptedServer):
    """One client, and one peer that answers what `answers` has: by method and version, or by protocol id.

    Args:
        announced: the peer's protocols, as `status/2`; None: nothing is known of it.
        answers: the chunks of each answer by `status/2`; what is not in it is not supported.
        greeting: whether it says that it is an engine; if not it is a Go Rumor.
    """

    def __init__(
        self,
        answers: Mapping[str, Sequence[Said]] | None = None,
        announced: Sequence[str] | None = None,
        *,
        greeting: bool = True,
    ) -> None:
        self.answers = dict(answers or {})
        self.announced = announced
        self.asked: list[Asked] = []
        self.infos = 0
        """How often it was asked for what it knows of the peer."""
        self.most_at_once = 0
        """How many requests were under way at most."""
        self._greeting = entry(**GREETING) if greeting else b""
        self.incoming: dict[str, list[bytes]] = {}
        """Requests that come to the listener of a protocol, once it asks for one."""
        self.closed_request = Event()
        """Set when the client has given the last of an answer."""
        self._steps: dict[str, list[Said | None]] = {}
        self._listening: dict[str, str] = {}  # the protocol of a listener
        super().__init__()

    def __enter__(self) -> ScriptedEngine:
        return self

    def requests(self) -> list[str]:
        """The protocols that were asked for, as `status/2`, in order."""
        return [_protocol(each) for each in self.asked if "req" in each.words]

    def _welcome(self, client: socket.socket) -> socket.socket:
        client.sendall(self._greeting)
        return client

    def _heard(self, line: str) -> None:
        found = re.fullmatch(r"_(\w+) (.*) &", line)
        if found is None:
            super()._heard(line)
            return
        call_id, words = found[1], shlex.split(found[2])
        if words[0] == "next":
            self._step(call_id)
        elif words[0] == "cancel":
            self.freed(call_id)
        elif "info" in words:
            self.infos += 1
            if self.announced is not None:
                ids = [f"{_PREFIX}{each}/ssz_snappy" for each in self.announced]
                self.data(call_id, protocols=ids, peer_id="16Uiu")
            self.freed_after_success(call_id)
        else:
            self._rpc(call_id, words[words.index("rpc") + 1 :])

    def _rpc(self, call_id: str, words: list[str]) -> None:
        flags = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--") and word != "--")
        asked = Asked(tuple(word for word in words if not word.startswith("--")), flags)
        self.asked.append(asked)
        if "listen" in asked.words:
            self._listening[call_id] = _protocol(asked)
            self.success(call_id)
            return
        if "req" not in asked.words:
            self.freed_after_success(call_id)
            if flags.get("done") != "false":
                self.closed_request.set()
            return
        self.success(call_id)
        answer = self.answers.get(_protocol(asked))
        if answer is None:
            self.data(call_id, level="error", msg="failed to make request", error="protocol not supported")
        else:
            self._steps[call_id] = [None, *answer[: int(flags.get("max-chunks", 20))]]
            self.most_at_once = max(self.most_at_once, sum(map(bool, self._steps.values())))

    def _step(self, call_id: str) -> None:
        if call_id in self._listening:
            if waiting := self.incoming.get(self._listening[call_id]):
                message = "Received request, queued it to respond to!"
                self.data(call_id, msg=message, data=waiting.pop(0).hex(), req_id=0, **{"from": "16Uiu"})
                self.step(call_id)
            return
        steps = self._steps.get(call_id)
        if not steps:  # failed: nothing to step
            self.failed(f"_{call_id}", "next", why="call not available for stepping")
            return
        said = steps.pop(0)
        if said is None:
            self.data(call_id, msg="made request")
            self.step(call_id)
        else:
            fields: dict[str, Any] = {"data": said.data.hex(), "chunk_size": len(said.data), "result_code": said.code}
            if said.context is not None:
                fields["context"] = said.context
            self.data(call_id, msg="Received chunk", chunk_index=0, **fields)
            self.step(call_id)
            if said.code:
                self.failed(f"_{call_id}", "next", why=f"step failed: got {said.code} reqresp result code")
        if not steps:
            self.data(call_id, msg="Completed request")


def _protocol(asked: Asked) -> str:
    if "protocol" in asked.flags:
        return asked.flags["protocol"].removeprefix(_PREFIX).removesuffix("/ssz_snappy")
    return f"{asked.words[0]}/{asked.flags.get('version', '1')}"
