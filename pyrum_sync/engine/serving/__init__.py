"""The ways in: stdin and stdout (``bare``), and sockets, websocket and HTTP (``serve``)."""
