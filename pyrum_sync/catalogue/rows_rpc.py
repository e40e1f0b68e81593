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
    ) -> None:
        self.name = name
        self.request = request  # the JSON type of a decoded request
        self.chunk = chunk  # the JSON type of a decoded chunk
        self.chunks = chunks  # how many chunks are read by default
        self.done = done
        self.drop = drop
        self.note = note


METHODS = (
    Method("goodbye", "integer", "integer", 0, drop="true", note="By default no answer is read."),
    Method("status", "object", "object", 1),
    Method("ping", "integer", "integer", 1),
    Method("metadata", "null", "object", 1, note="The request has no content: pass b''."),
    Method("blocks-by-range", "object", "object", 20, "false", note="Blocks are shown with raw=True only."),
    Method("blocks-by-root", "array", "object", 20, "false", note="Blocks are shown with raw=True only."),
)


def rpc(method: Method) -> tuple[Row, ...]:
    name = method.name
    attribute = name.replace("-", "_")
    response = (f"a request of this method that is open: a step of rpc.{attribute}.listen()",)
    dropped = " They are dropped unless drop=False." if method.drop == "true" else ""
    return (
        Row(
            f"rpc {name} req raw <peer-id:peer-id> <data:bytes>",
            f"Send a {name} request, and read the chunks of the answer.",
            f"{COMPRESSION} timeout:duration=10s max-chunks:uint64={method.chunks} raw:bool=false",
            "protocol:string from:string chunk_index:integer chunk_size:integer result_code:integer"
            f" data:{method.chunk}|string fields.msg:string error:string",
            (HOST, PEER),
            STEPS,
            f"A step for the request written, then one for each chunk. {method.note}".rstrip(),
        ),
        Row(
            f"rpc {name} listen",
            f"Receive {name} requests.",
            f"{COMPRESSION} timeout:duration=10s raw:bool=false read:bool=true drop:bool={method.drop}",
            f"from:string protocol:string data:{method.request}|string input_err:string req_id:integer error:string",
            (HOST,),
            STEPS,
            f"A step for each request.{dropped} Cancelling one listener of a method stops all of that method.",
        ),
        Row(
            f"rpc {name} resp chunk raw <req-id:string> <data:bytes>",
            f"Answer a {name} request with a chunk.",
            f"done:bool={method.done} result-code:uint8=0",
            needs=response,
            note="done ends the answer.",
        ),
        Row(
            f"rpc {name} resp invalid-request <req-id:string> <text:string>",
            f"Answer a {name} request with an error: it was not valid.",
            "done:bool=true result-code:uint8=1",
            needs=response,
        ),
        Row(
            f"rpc {name} resp server-error <req-id:string> <text:string>",
            f"Answer a {name} request with an error: the server has failed.",
            "done:bool=true result-code:uint8=2",
            needs=response,
        ),
        Row(
            f"rpc {name} close <req-id:string>",
            f"Close a {name} request without a further answer.",
            fields="req_id:integer peer:string",
            needs=response,
        ),
    )
