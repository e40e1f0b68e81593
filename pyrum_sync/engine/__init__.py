"""The engine: a Rumor in Python.

It reads Rumor's shell text, runs Rumor's commands, and writes Rumor's log entries. Its hosts speak libp2p over TCP, or
meet in memory.

========  ==============================================================================================
serving   the ways in: stdin and stdout, TCP and unix sockets, websocket and HTTP
commands  Rumor's commands and the actors they work on, between a session and a network
session   sessions, calls, steps and log entries
shell     the shell language: text to statements, and statements run
network   the port that commands see (`network.api`), and its networks
========  ==============================================================================================

Each imports only those below it, but for `network`, which only `commands` (by its port) and the start of the program
know. `about` says what the engine is, `faults` what is to go wrong on purpose, `table` what the engine can do.

Everything but `serving` runs in one asyncio loop and knows no thread, so no state there needs a lock. Sockets are known
to `serving`, and to the face of libp2p.
Behaviour that copies Rumor's names the file of Rumor's source that has it.
"""
