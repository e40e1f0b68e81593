"""Peers to probe, well and unwell: actors of one Rumor, real or simulated."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count
from types import TracebackType
from typing import Any, Final

from pyrum_sync import Rumor, eth2
from tests.real.hosts import Host, start

STATUS: Final = eth2.Status(
    fork_digest=b"\1\2\3\4", finalized_root=b"\5" * 32, finalized_epoch=6, head_root=b"\7" * 32, head_slot=8
)
METADATA: Final = eth2.MetaData(seq_number=7, attnets=[True] * 64)
STRANGER: Final = "16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc"  # a peer id that nobody here has


class Crowd:
    """Makes peers, and serves what they answer until its block is left."""

    def __init__(self, rumor: Rumor) -> None:
        self.goodbyes: list[Any] = []
        self._rumor = rumor
        self._stack = ExitStack()
        self._numbers = count(1)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def healthy(self) -> Host:
        return self._peer("healthy", metadata=lambda _: METADATA)

    def without_metadata(self) -> Host:
        return self._peer("without metadata")

    def failing(self) -> Host:
        """Answers the request for its status with an error."""

        def fail(_: object) -> object:
            raise RuntimeError("out of order")

        return self._peer("failing", status=fail)

    def confused(self) -> Host:
        """Answers the request for its status with something else."""
        return self._peer("confused", status=lambda _: bytes(83))

    def silent(self) -> Host:
        """Hears everything, and says nothing."""
        host = start(self._rumor.actor(f"peer-{next(self._numbers)}"), agent="silent")
        for method in eth2.METHODS:
            self._stack.enter_context(host.actor.rpc[method].listen(raw=True, drop=False, timeout="0s"))
        return host

    def _peer(self, agent: str, **handlers: Any) -> Host:
        host = start(self._rumor.actor(f"peer-{next(self._numbers)}"), agent=agent)
        always = {"ping": lambda ping: ping, "status": lambda _: STATUS, "goodbye": self.goodbyes.append}
        for method, handler in {**always, **handlers}.items():
            self._stack.enter_context(eth2.serve(host.actor, method, handler))
        return host
