"""The ways in: bare (stdin and stdout), tcp and unix sockets, websocket and HTTP."""
