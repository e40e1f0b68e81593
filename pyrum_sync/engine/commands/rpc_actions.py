"""What the commands of ``rpc`` do: ask, listen, answer, close (Rumor's control/actor/rpc)."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pyrum_sync.engine.commands import reqresp
from pyrum_sync.engine.commands.arguments import Option
from pyrum_sync.engine.commands.base import Run
from pyrum_sync.engine.commands.eth2 import DecodeError
from pyrum_sync.engine.commands.incoming import Incoming
from pyrum_sync.engine.commands.listening import listen
from pyrum_sync.engine.commands.protocols import Protocol
from pyrum_sync.engine.commands.reqresp import Chunk, Request, ask, chunks
from pyrum_sync.engine.commands.responder import OpenRequest
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, NetworkError
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.spec.codec import CONTEXT_SIZE, INVALID_REQUEST, SERVER_ERROR, SUCCESS

_CALL_OVER = "call is over, no more steps"
Action = Callable[[Run], Awaitable[None]]


@dataclass(frozen=True)
class Subject:
    """What a group of commands below ``rpc`` is about: a method, or any protocol."""

    name: str
    protocol: Callable[[Run], Protocol]
    """Returns the protocol that a command's flags ask for; CommandError if there is none."""
    flags: tuple[Option, ...]
    """The flags that choose the protocol."""
    chunks: int
    """How many chunks of an answer are read by default; with 0 requests are dropped by default, too."""
    context: bool = False
    """Whether one of its protocols has context bytes."""
    by_name: bool = True
    """Whether it is a method; any other protocol is shown as hex only."""

    def raw(self, run: Run) -> bool:
        """Whether a command shows all data as hex."""
        return not self.by_name or run.args.on("raw")


def _shown(protocol: Protocol, chunk: Chunk, raw: bool) -> dict[str, Any]:
    if raw or chunk.code not in (SUCCESS, INVALID_REQUEST, SERVER_ERROR):
        return {"data": chunk.data.hex()}
    if chunk.code == SUCCESS:
        return {"data": protocol.decode_response(chunk.data)}
    return {"msg": chunk.text}


def request(subject: Subject) -> Action:
    """Returns what ``req raw`` does: a step for the request written, then one for each chunk of the answer."""

    async def action(run: Run) -> None:
        _ = run.host
        run.spawn(work(run, subject.protocol(run), run.deadline("timeout")))
        run.call.register_stop(lambda: None)

    async def work(run: Run, protocol: Protocol, deadline: Deadline) -> None:
        try:
            await exchange(run, protocol, deadline)
        except NetworkError as error:
            run.error("failed to make request", error=str(error))
        else:
            run.info("Completed request")

    async def exchange(run: Run, protocol: Protocol, deadline: Deadline) -> None:
        args = run.args
        peer = args.text("peer-id")

        def made() -> None:
            run.debug("made request")

        def take(chunk: Chunk) -> str | None:
            try:
                fields = _shown(protocol, chunk, subject.raw(run))
            except DecodeError as error:
                return str(error)
            fields |= {"protocol": protocol.id, "from": peer}
            fields |= {"chunk_index": chunk.index, "chunk_size": len(chunk.data), "result_code": chunk.code}
            if chunk.context is not None:
                fields["context"] = chunk.context.hex()
            run.call.log(Level.INFO, "Received chunk", fields)
            return None if chunk.code == SUCCESS else f"got {chunk.code} reqresp result code"

        asked = Request(peer, protocol, args.data("data"), deadline)
        async with ask(run, asked) as stream:
            if not await run.call.step(made):
                raise NetworkError(f"made request, but could not continue: {_CALL_OVER}")
            async for chunk in chunks(stream, asked, args.number("max-chunks")):
                if not await run.call.step(functools.partial(take, chunk)):
                    raise NetworkError(_CALL_OVER)

    return action


def listener(subject: Subject) -> Action:
    """Returns what ``listen`` does: a step for each request, which then waits for its answer."""

    async def action(run: Run) -> None:
        args = run.args
        protocol = subject.protocol(run)
        raw = subject.raw(run)

        async def received(incoming: Incoming) -> None:
            run.info("Received a request, run 'next' to start processing it.")
            fields: dict[str, Any] = {"from": incoming.peer, "protocol": protocol.id}
            if args.on("read"):
                fields |= _read(incoming, raw)
            if args.on("drop"):
                run.call.log(Level.INFO, "Received request, dropping it!", fields)
                return
            await queue(incoming, fields)

        async def queue(incoming: Incoming, fields: dict[str, Any]) -> None:
            answered = Context(listening)
            number = responder.add(OpenRequest(incoming, answered))

            def taken() -> None:
                fields["req_id"] = number
                run.call.log(Level.INFO, "Received request, queued it to respond to!", fields)

            if not await run.call.step(taken):
                run.warn("Shutting down request without response!", req_id=number, error=_CALL_OVER)
                return
            await answered.done()
            run.info("Responded!", req_id=number)

        responder = run.actor.responder(subject.name)
        listening = Context()
        stop = listen(run, protocol, args.seconds("timeout"), received)

        def stopped() -> None:
            listening.cancel()
            stop()
            run.info("Stopped listener")

        run.info("Opened listener")
        run.call.register_stop(stopped)

    return action


def _read(incoming: Incoming, raw: bool) -> dict[str, Any]:
    try:
        data = incoming.data()
        return {"data": data.hex() if raw else incoming.protocol.decode_request(data)}
    except DecodeError as error:
        return {"input_err": str(error)}


def respond(subject: Subject, data: Callable[[Run], bytes]) -> Action:
    """Returns what the commands of ``resp`` do: write a chunk, in the version of the request."""

    async def action(run: Run) -> None:
        responder = run.actor.responder(subject.name)
        number, request = responder.get(run.args.text("req-id"))
        incoming, code = request.incoming, run.args.number("result-code")
        try:
            # What was written before goes first: a peer that reads nothing is not written to without end.
            await deadlines.within(incoming.stream.drain(), deadlines.after(reqresp.PART_SECONDS))
            incoming.respond(code, data(run), _context(run, incoming.protocol, code))
        except NetworkError as error:
            raise CommandError(str(error)) from None
        if run.args.on("done"):
            responder.close(number)

    return action


def _context(run: Run, protocol: Protocol, code: int) -> bytes:
    """The context bytes of a chunk; CommandError where they are missing or too many."""
    if not run.args.has("context"):
        return b""
    context = run.args.data("context")
    if run.args.given("context"):
        if context and code != SUCCESS:
            raise CommandError("only chunks of success have context bytes, --result-code=0")
        if len(context) not in (0, CONTEXT_SIZE):
            raise CommandError(f"--context has {CONTEXT_SIZE} bytes, or none, not {len(context)}")
        if context and protocol.context is False:
            raise CommandError(f"chunks of {protocol.id} have no context bytes")
    elif protocol.context and code == SUCCESS:
        raise CommandError(f"chunks of {protocol.id} have context bytes: pass the fork digest, --context=HEX")
    return context


def close(subject: Subject) -> Action:
    """Returns what ``close`` does."""

    async def action(run: Run) -> None:
        responder = run.actor.responder(subject.name)
        number, request = responder.get(run.args.text("req-id"))
        responder.close(number)
        run.info("Closed request.", req_id=number, peer=request.incoming.peer)

    return action
