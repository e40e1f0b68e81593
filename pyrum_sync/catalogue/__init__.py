"""Rumor's commands as data: what the client knows of them beforehand.

==================  =====================================================================================
`rows_…`            one row for each command: the one source
`rows`              the form of a row, and what several share
`tree`              the words of commands as a tree: what each takes and returns, and how it is looked up
`help`              what users read: help, hints for misspelt names, signatures
==================  =====================================================================================

Completion, the refusal of unknown commands, the help, the types for editors (`pyrum_sync/client/stubs.py`) and the
reference page (`docs/commands.md`) all come from these rows.
"""
