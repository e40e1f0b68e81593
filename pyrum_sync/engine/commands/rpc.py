"""``rpc METHOD req|listen|resp|close``: Eth2's requests, by hand (Rumor's control/actor/rpc).

The methods are those of `spec.methods`; ``rpc any`` is for all other protocols of the same framing.
"""

from __future__ import annotations

from pyrum_sync.engine.commands.arguments import flag, required
from pyrum_sync.engine.commands.base import Command, Group, Run
from pyrum_sync.engine.commands.option_types import BOOL, BYTES, COMPRESSION, DURATION, PEER_ID, STRING, UINT8, UINT64
from pyrum_sync.engine.commands.protocols import METHODS, Protocol, RpcMethod, any_of
from pyrum_sync.engine.commands.reqresp import error_text
from pyrum_sync.engine.commands.rpc_actions import Subject, close, listener, request, respond
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.spec.codec import INVALID_REQUEST, SERVER_ERROR, SUCCESS

_SECOND = 10**9
_COMPRESSION = flag(
    "compression", COMPRESSION, "snappy", "Compression. 'none' to disable, 'snappy' for streaming-snappy"
)
_STREAM_TIMEOUT = (
    "Apply timeout of n milliseconds to each stream (complete request <> response time). 0 to Disable timeout"
)
_DONE = "After writing this chunk, close the response (no more chunks)."
_CODE = "Customize the chunk result code. (0 = success, 1 = invalid input, 2 = error, 3+ = undefined)"
_MAX_PROTOCOL_ID = 512
_ANY_CHUNKS = 1024


def _of_method(method: RpcMethod) -> Subject:
    several = len(method.versions) > 1

    def protocol(run: Run) -> Protocol:
        version = run.args.number("version") if several else method.versions[0].version
        try:
            return method.protocol(version, run.args.text("compression"))
        except ValueError as error:
            raise CommandError(str(error)) from None

    known = ", ".join(str(row.version) for row in method.versions)
    version = (flag("version", UINT8, 1, f"Version of the protocol: {known}"),) if several else ()
    context = any(row.context for row in method.versions)
    return Subject(method.name, protocol, (_COMPRESSION, *version), method.chunks, context)


def _any_protocol(run: Run) -> Protocol:
    name = run.args.text("protocol")
    if not name:
        raise CommandError(
            "--protocol is missing: the id of a protocol, such as /eth2/beacon_chain/req/ping/1/ssz_snappy"
        )
    if len(name) > _MAX_PROTOCOL_ID or not name.startswith("/") or not all("!" <= char <= "~" for char in name):
        raise CommandError(
            f"--protocol is no id of a protocol: it begins with /, and has {_MAX_PROTOCOL_ID} characters at most, of"
            " ASCII, without a space"
        )
    return any_of(name, context=run.args.on("context"))


_ANY = Subject(
    "any",
    _any_protocol,
    (
        flag("protocol", STRING, "", "ID of the protocol. One that ends with /ssz is not compressed, any other is"),
        flag("context", BOOL, False, "If successful chunks have context bytes, where no specification says so"),
    ),
    _ANY_CHUNKS,
    context=True,
    by_name=False,
)


def _group(subject: Subject) -> Group:
    request_raw = flag("raw", BOOL, False, "Do not decode the request, look at raw bytes")
    chunks_raw = flag("raw", BOOL, False, "If chunks should be logged as raw hex-encoded byte strings")
    raw_request = Command(
        "Make raw requests",
        request(subject),
        (
            flag("timeout", DURATION, 10 * _SECOND, "Timeout for full request and response. 0 to disable"),
            *subject.flags,
            flag(
                "max-chunks",
                UINT64,
                subject.chunks,
                "Max response chunk count, if 0, do not wait for a response at all.",
            ),
            *((chunks_raw,) if subject.by_name else ()),
            required("peer-id", PEER_ID, "libp2p Peer-ID to request"),
            required("data", BYTES, "Raw uncompressed hex-encoded request data", b""),
        ),
    )
    listen_command = Command(
        "Listen for new requests",
        listener(subject),
        (
            flag("timeout", DURATION, 10 * _SECOND, _STREAM_TIMEOUT),
            *subject.flags,
            *((request_raw,) if subject.by_name else ()),
            flag("drop", BOOL, subject.chunks == 0, "Drop the requests, do not queue for a response."),
            flag("read", BOOL, True, "Read the contents of the request."),
        ),
    )
    close_command = Command(
        "Close open requests", close(subject), (required("req-id", STRING, "the ID of the request to close"),)
    )
    return Group(
        f"Manage {subject.name} RPC",
        {
            "req": Group("Make requests", {"raw": raw_request}),
            "listen": listen_command,
            "resp": _responses(subject),
            "close": close_command,
        },
    )


def _responses(subject: Subject) -> Group:
    context = flag("context", BYTES, b"", "Context bytes of the chunk: the fork digest, where the protocol has them")
    raw_chunk = Command(
        "Respond a raw chunk to a request",
        respond(subject, lambda run: run.args.data("data")),
        (
            flag("done", BOOL, subject.chunks <= 1 or not subject.by_name, _DONE),
            flag("result-code", UINT8, SUCCESS, _CODE),
            *((context,) if subject.context else ()),
            required("req-id", STRING, "the ID of the request to respond to"),
            required("data", BYTES, "chunk bytes (uncompressed, hex-encoded)", b""),
        ),
    )
    return Group(
        "Respond to requests",
        {
            "chunk": Group("Respond a chunk to a request", {"raw": raw_chunk}),
            "invalid-request": _error_command(subject, INVALID_REQUEST),
            "server-error": _error_command(subject, SERVER_ERROR),
        },
    )


def _error_command(subject: Subject, code: int) -> Command:
    return Command(
        "Respond a raw chunk to a request",
        respond(subject, lambda run: error_text(run.args.text("text"))),
        (
            flag("done", BOOL, True, _DONE),
            flag("result-code", UINT8, code, _CODE),
            required("req-id", STRING, "the ID of the request to respond to"),
            required("text", STRING, "error text data"),
        ),
    )


RPC = Group(
    "Manage Eth2 RPC", {**{name: _group(_of_method(method)) for name, method in METHODS.items()}, "any": _group(_ANY)}
)
