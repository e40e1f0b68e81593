"""Rows of the table: the requests of the consensus layer."""

from __future__ import annotations

from pyrum_sync.catalogue.rows import (
    COMPRESSION,
    HOST,
    PEER,
    STEPS,
    Row,
)


class Method:
    """A request of the consensus layer, and where its commands differ."""

    def __init__(
        self,
        name: str,
        request: str,
        chunk: str,
        chunks: int,
        done: str = "true",
        drop: str = "false",
        note: str = "",
        versions: str = "1",
        context: bool = False,
        engine: bool = False,
    ) -> None:
        self.name = name
        self.request = request  # the JSON type of a decoded request
        self.chunk = chunk  # the JSON type of a decoded chunk
        self.chunks = chunks  # how many chunks are read by default
        self.done = done
        self.drop = drop
        self.note = note
        self.versions = versions  # of its protocol, as the specification has them; Rumor has the first
        self.context = context  # whether chunks have context bytes, in one of these versions
        self.engine = engine


_NO_CONTENT = "The request has no content: pass b''."
_BLOCKS = "Blocks are shown with raw=True only."


def _engines(name: str, request: str, chunks: int) -> Method:
    """A method that only the engine has; the content of its chunks depends on the fork, and is shown as hex."""
    note = _NO_CONTENT if request == "null" else ""
    done = "false" if chunks > 1 else "true"
    return Method(name, request, "string", chunks, done, note=note, context=True, engine=True)


METHODS = (
    Method("goodbye", "integer", "integer", 0, drop="true", note="By default no answer is read."),
    Method("status", "object", "object", 1, versions="1, 2"),
    Method("ping", "integer", "integer", 1),
    Method("metadata", "null", "object", 1, note=_NO_CONTENT, versions="1, 2, 3"),
    Method("blocks-by-range", "object", "object", 20, "false", note=_BLOCKS, versions="1, 2", context=True),
    Method("blocks-by-root", "array", "object", 20, "false", note=_BLOCKS, versions="1, 2", context=True),
    _engines("blocks-by-head", "object", 128),
    _engines("blob-sidecars-by-range", "object", 1152),
    _engines("blob-sidecars-by-root", "array", 1152),
    _engines("data-column-sidecars-by-range", "object", 16384),
    _engines("data-column-sidecars-by-root", "array", 16384),
    _engines("light-client-bootstrap", "object", 1),
    _engines("light-client-updates-by-range", "object", 128),
    _engines("light-client-finality-update", "null", 1),
    _engines("light-client-optimistic-update", "null", 1),
)
"""The methods. A test holds those beyond Rumor's, and the versions, to the table of `spec.methods`."""


def _chunk_fields(data: str) -> str:
    return (
        "protocol:string from:string chunk_index:integer chunk_size:integer result_code:integer"
        f" data:{_or_hex(data)} fields.msg:string error:string"
    )


def _request_fields(data: str) -> str:
    return f"from:string protocol:string data:{_or_hex(data)} input_err:string req_id:integer error:string"


def _or_hex(kind: str) -> str:
    return kind if kind == "string" else f"{kind}|string"


def rpc(method: Method) -> tuple[Row, ...]:
    """The rows of a method."""
    name = method.name
    several = method.versions != "1"
    version = "version:uint8=1" if several else ""
    dropped = " They are dropped unless drop=False." if method.drop == "true" else ""
    versions = f" The engine has the versions {method.versions}." if several else ""
    return (
        Row(
            f"rpc {name} req raw <peer-id:peer-id> <data:bytes>",
            f"Send a {name} request, and read the chunks of the answer.",
            f"{COMPRESSION} timeout:duration=10s max-chunks:uint64={method.chunks} raw:bool=false",
            _chunk_fields(method.chunk),
            (HOST, PEER),
            STEPS,
            f"A step for the request written, then one for each chunk. {method.note}".rstrip() + versions,
            method.engine,
            version,
            "context:string" if method.context else "",
        ),
        Row(
            f"rpc {name} listen",
            f"Receive {name} requests.",
            f"{COMPRESSION} timeout:duration=10s raw:bool=false read:bool=true drop:bool={method.drop}",
            _request_fields(method.request),
            (HOST,),
            STEPS,
            f"A step for each request.{dropped} Cancelling one listener of a method stops all of that method.",
            method.engine,
            version,
        ),
        *_answers(name, method.done, method.context, method.engine),
    )


def rpc_any() -> tuple[Row, ...]:
    """The rows of `rpc any`, for all other protocols."""
    protocol = "protocol:string context:bool=false"
    note = (
        "protocol is its id, such as /eth2/beacon_chain/req/ping/1/ssz_snappy: one that ends with /ssz is not"
        " compressed, any other is. context says whether chunks have context bytes, where no specification does."
    )
    return (
        Row(
            "rpc any req raw <peer-id:peer-id> <data:bytes>",
            "Send a request of any protocol, and read the chunks of the answer.",
            f"{protocol} timeout:duration=10s max-chunks:uint64=1024",
            f"{_chunk_fields('string')} context:string",
            (HOST, PEER),
            STEPS,
            f"A step for the request written, then one for each chunk. {note} Without data nothing is written.",
            engine=True,
        ),
        Row(
            "rpc any listen",
            "Receive requests of any protocol.",
            f"{protocol} timeout:duration=10s read:bool=true drop:bool=false",
            _request_fields("string"),
            (HOST,),
            STEPS,
            f"A step for each request. {note}",
            engine=True,
        ),
        *_answers("any", "true", context=True, engine=True),
    )


def _answers(name: str, done: str, context: bool, engine: bool) -> tuple[Row, ...]:
    """The rows of what answers requests."""
    attribute = name.replace("-", "_")
    response = (f"a request of this method that is open: a step of rpc.{attribute}.listen()",)
    return (
        Row(
            f"rpc {name} resp chunk raw <req-id:string> <data:bytes>",
            f"Answer a {name} request with a chunk.",
            f"done:bool={done} result-code:uint8=0",
            needs=response,
            note="done ends the answer." + (" context is the fork digest, 4 bytes." if context else ""),
            engine=engine,
            engine_flags="context:bytes" if context else "",
        ),
        Row(
            f"rpc {name} resp invalid-request <req-id:string> <text:string>",
            f"Answer a {name} request with an error: it was not valid.",
            "done:bool=true result-code:uint8=1",
            needs=response,
            engine=engine,
        ),
        Row(
            f"rpc {name} resp server-error <req-id:string> <text:string>",
            f"Answer a {name} request with an error: the server has failed.",
            "done:bool=true result-code:uint8=2",
            needs=response,
            engine=engine,
        ),
        Row(
            f"rpc {name} close <req-id:string>",
            f"Close a {name} request without a further answer.",
            fields="req_id:integer peer:string",
            needs=response,
            engine=engine,
        ),
    )


ROWS = {"rpc": (*(row for method in METHODS for row in rpc(method)), *rpc_any())}

GROUPS = {
    "rpc": "Requests of the consensus layer, by method.",
    "rpc any": "Requests of any protocol.",
    "rpc any req": "Send a request of any protocol.",
    "rpc any resp": "Answer a request of any protocol.",
    "rpc any resp chunk": "Answer a request of any protocol with content.",
}
GROUPS.update(
    (f"rpc {method.name}{words}", text.format(method.name))
    for method in METHODS
    for words, text in (
        ("", "The {} request."),
        (" req", "Send a {} request."),
        (" resp", "Answer a {} request."),
        (" resp chunk", "Answer a {} request with content."),
    )
)
