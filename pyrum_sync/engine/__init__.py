"""A Rumor in Python: the built-in simulator.

Two rooms with a narrow door. ``language`` and ``control`` are the session: shell text, call life cycle, log entries,
steps. ``network`` is an in-memory network of hosts that knows nothing of entries. ``commands`` stand between the two
and are the only ones that know both; they see the network only through ``door``. ``ways`` carry lines and entries:
stdin, sockets, websocket, HTTP. ``table`` says what is simulated and what is not.

Everything but the ways runs in one asyncio loop, so no state here needs a lock.
"""
