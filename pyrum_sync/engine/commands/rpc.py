"""``rpc METHOD req|listen|resp|close``: Eth2's requests, by hand (Rumor's control/actor/rpc)."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from pyrum_sync.engine.commands.arguments import flag, required
from pyrum_sync.engine.commands.base import Command, Group, Run
from pyrum_sync.engine.commands.eth2 import DecodeError
from pyrum_sync.engine.commands.option_types import BOOL, BYTES, COMPRESSION, DURATION, PEER_ID, STRING, UINT8, UINT64
from pyrum_sync.engine.commands.reqresp import (
    INVALID_REQUEST,
    METHODS,
    SERVER_ERROR,
    SUCCESS,
    Chunk,
    Incoming,
    Method,
    Request,
    ask,
    chunks,
    encode_chunk,
    error_text,
    listen,
)
from pyrum_sync.engine.commands.responder import OpenRequest
from pyrum_sync.engine.network.api import Deadline, NetworkError
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.levels import Level

_SECOND = 10**9
_COMPRESSION = flag(
    "compression", COMPRESSION, "snappy", "Compression. 'none' to disable, 'snappy' for streaming-snappy"
)
_STREAM_TIMEOUT = (
    "Apply timeout of n milliseconds to each stream (complete request <> response time). 0 to Disable timeout"
)
_DONE = "After writing this chunk, close the response (no more chunks)."
_CODE = "Customize the chunk result code. (0 = success, 1 = invalid input, 2 = error, 3+ = undefined)"
_CALL_OVER = "call is over, no more steps"
Action = Callable[[Run], Awaitable[None]]


def _shown(method: Method, chunk: Chunk, raw: bool) -> dict[str, Any]:
    if raw or chunk.code not in (SUCCESS, INVALID_REQUEST, SERVER_ERROR):
        return {"data": chunk.data.hex()}
    if chunk.code == SUCCESS:
        return {"data": method.decode_response(chunk.data)}
    return {"msg": chunk.data.decode("utf-8", "replace")}


def _request(method: Method) -> Action:
    async def action(run: Run) -> None:
        _ = run.host
        run.spawn(work(run, run.deadline("timeout")))
        run.call.register_stop(lambda: None)

    async def work(run: Run, deadline: Deadline) -> None:
        try:
            await exchange(run, deadline)
        except NetworkError as error:
            run.error("failed to make request", error=str(error))
        else:
            run.info("Completed request")

    async def exchange(run: Run, deadline: Deadline) -> None:
        args = run.args
        peer, compression = args.text("peer-id"), args.text("compression")

        def made() -> None:
            run.debug("made request")

        def take(chunk: Chunk) -> str | None:
            try:
                fields = _shown(method, chunk, args.on("raw"))
            except DecodeError as error:
                return str(error)
            fields |= {"protocol": method.protocol_with(compression), "from": peer}
            fields |= {"chunk_index": chunk.index, "chunk_size": len(chunk.data), "result_code": chunk.code}
            run.call.log(Level.INFO, "Received chunk", fields)
            return None if chunk.code == SUCCESS else f"got {chunk.code} reqresp result code"

        request = Request(peer, method, compression, args.data("data"), deadline)
        async with ask(run, request) as stream:
            if not await run.call.step(made):
                raise NetworkError(f"made request, but could not continue: {_CALL_OVER}")
            async for chunk in chunks(stream, request, args.number("max-chunks")):
                if not await run.call.step(functools.partial(take, chunk)):
                    raise NetworkError(_CALL_OVER)

    return action


def _listen(method: Method) -> Action:
    async def action(run: Run) -> None:
        args = run.args
        compression = args.text("compression")

        async def received(incoming: Incoming) -> None:
            run.info("Received a request, run 'next' to start processing it.")
            fields = {"from": incoming.stream.peer, "protocol": method.protocol_with(compression)}
            if args.on("read"):
                fields |= await _read(method, incoming, args.on("raw"))
            if args.on("drop"):
                run.call.log(Level.INFO, "Received request, dropping it!", fields)
                return
            await queue(incoming, fields)

        async def queue(incoming: Incoming, fields: dict[str, Any]) -> None:
            answered = Context(listening)
            number = responder.add(OpenRequest(incoming.stream.peer, incoming.stream, answered))

            def taken() -> None:
                fields["req_id"] = number
                run.call.log(Level.INFO, "Received request, queued it to respond to!", fields)

            if not await run.call.step(taken):
                run.warn("Shutting down request without response!", req_id=number, error=_CALL_OVER)
                return
            await answered.done()
            run.info("Responded!", req_id=number)

        responder = run.actor.responder(method.name)
        listening = Context()
        stop = listen(run, method, compression, args.seconds("timeout"), received)

        def stopped() -> None:
            listening.cancel()
            stop()
            run.info("Stopped listener")

        run.info("Opened listener")
        run.call.register_stop(stopped)

    return action


async def _read(method: Method, incoming: Incoming, raw: bool) -> dict[str, Any]:
    try:
        data = await incoming.raw()
        return {"data": data.hex() if raw else method.decode_request(data)}
    except DecodeError as error:
        return {"input_err": str(error)}


def _respond(method: Method, data: Callable[[Run], bytes]) -> Action:
    async def action(run: Run) -> None:
        responder = run.actor.responder(method.name)
        number, request = responder.get(run.args.text("req-id"))
        try:
            request.stream.write(encode_chunk(run.args.number("result-code"), data(run)))
        except NetworkError as error:
            raise CommandError(str(error)) from None
        if run.args.on("done"):
            responder.close(number)

    return action


def _close(method: Method) -> Action:
    async def action(run: Run) -> None:
        responder = run.actor.responder(method.name)
        number, request = responder.get(run.args.text("req-id"))
        responder.close(number)
        run.info("Closed request.", req_id=number, peer=request.peer)

    return action


def _error_command(method: Method, code: int) -> Command:
    return Command(
        "Respond a raw chunk to a request",
        _respond(method, lambda run: error_text(run.args.text("text"))),
        (
            flag("done", BOOL, True, _DONE),
            flag("result-code", UINT8, code, _CODE),
            required("req-id", STRING, "the ID of the request to respond to"),
            required("text", STRING, "error text data"),
        ),
    )


def _method_group(method: Method) -> Group:
    raw_request = Command(
        "Make raw requests",
        _request(method),
        (
            flag("timeout", DURATION, 10 * _SECOND, "Timeout for full request and response. 0 to disable"),
            _COMPRESSION,
            flag(
                "max-chunks",
                UINT64,
                method.chunks,
                "Max response chunk count, if 0, do not wait for a response at all.",
            ),
            flag("raw", BOOL, False, "If chunks should be logged as raw hex-encoded byte strings"),
            required("peer-id", PEER_ID, "libp2p Peer-ID to request"),
            required("data", BYTES, "Raw uncompressed hex-encoded request data", b""),
        ),
    )
    listen_command = Command(
        "Listen for new requests",
        _listen(method),
        (
            flag("timeout", DURATION, 10 * _SECOND, _STREAM_TIMEOUT),
            _COMPRESSION,
            flag("raw", BOOL, False, "Do not decode the request, look at raw bytes"),
            flag("drop", BOOL, method.chunks == 0, "Drop the requests, do not queue for a response."),
            flag("read", BOOL, True, "Read the contents of the request."),
        ),
    )
    raw_chunk = Command(
        "Respond a raw chunk to a request",
        _respond(method, lambda run: run.args.data("data")),
        (
            flag("done", BOOL, method.chunks <= 1, _DONE),
            flag("result-code", UINT8, SUCCESS, _CODE),
            required("req-id", STRING, "the ID of the request to respond to"),
            required("data", BYTES, "chunk bytes (uncompressed, hex-encoded)", b""),
        ),
    )
    respond = Group(
        "Respond to requests",
        {
            "chunk": Group("Respond a chunk to a request", {"raw": raw_chunk}),
            "invalid-request": _error_command(method, INVALID_REQUEST),
            "server-error": _error_command(method, SERVER_ERROR),
        },
    )
    close_command = Command(
        "Close open requests", _close(method), (required("req-id", STRING, "the ID of the request to close"),)
    )
    return Group(
        f"Manage {method.name} RPC",
        {
            "req": Group("Make requests", {"raw": raw_request}),
            "listen": listen_command,
            "resp": respond,
            "close": close_command,
        },
    )


RPC = Group("Manage Eth2 RPC", {name: _method_group(method) for name, method in METHODS.items()})
