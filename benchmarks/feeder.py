"""A server that speaks just enough of Rumor, and never is what one waits for: its answers lie ready.

``python -m benchmarks.feeder`` prints the port of 127.0.0.1 on which it serves.
"""

from __future__ import annotations

import re
import socket
import threading

_LINE = re.compile(rb"_(\w+) (?:\w+: )?(?:lvl_trace )?(\w+(?: \w+)?)(?: (\d+))?")
_TIME = b'"time":"2020-10-20T12:00:00.000000000Z"}\n'
_BLOCK = 1000  # entries sent in one go

SUCCESS = b'{"__success":"true","actor":"a","call_id":"%s","level":"trace","msg":"completed call",' + _TIME
FREED = b'{"__freed":"true","actor":"a","call_id":"%s","level":"trace","msg":"freed call resources",' + _TIME
VIEW = (
    b'{"actor":"a","call_id":"%s","level":"info","msg":"Peer ID",'
    b'"peer_id":"16Uiu2HAmUMA8pyvDaYAs6ZLZkKYRZGErPR5gfKjwN3pvQKq7hfFL",' + _TIME
)
STEP = (
    b'{"actor":"a","call_id":"%s","level":"info","msg":"Got random node","node":"ab01",' + _TIME
    + b'{"__step":true,"actor":"a","call_id":"%s","level":"trace","msg":"Step complete",' + _TIME
)  # fmt: skip
FEED = (  # what `host view` logs
    b'{"actor":"a","addr":"/ip4/127.0.0.1/tcp/42021/p2p/16Uiu2HAmAxeKGUmkNfBPEGsa5JtCutLLckFo5AKU7EYiqveYpuGv",'
    b'"call_id":"%s","level":"info","msg":"Listening address 0",' + _TIME
)


def serve(client: socket.socket) -> None:
    for line in client.makefile("rb", 1 << 16):
        found = _LINE.match(line)
        if found is None:  # `exit`
            client.close()
            return
        call_id, command, number = found.groups()
        if command == b"peer feed":
            _feed(client, call_id, int(number))
        elif command == b"next":
            client.sendall(STEP.replace(b"%s", call_id))
        elif command == b"dv5 random":
            client.sendall(SUCCESS % call_id)
        elif command != b"peer hold":
            if command == b"host view":
                client.sendall(VIEW % call_id)
            client.sendall(SUCCESS % call_id)
            client.sendall(FREED % call_id)


def _feed(client: socket.socket, call_id: bytes, count: int) -> None:
    block = FEED % call_id * _BLOCK
    for _ in range(count // _BLOCK):
        client.sendall(block)
    client.sendall(FEED % call_id * (count % _BLOCK) + SUCCESS % call_id + FREED % call_id)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client = listener.accept()[0]
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
