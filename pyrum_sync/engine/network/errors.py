"""The error that every layer raises for bytes that break its protocol."""

from __future__ import annotations


class ProtocolError(ValueError):
    """The other side broke a protocol, or a bound; the text names which, and by how much where it is a number.

    After it the object that raised it is of no further use: the connection is to be closed.
    """
