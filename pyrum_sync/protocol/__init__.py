"""Rumor's shell protocol, without I/O: no socket, thread, clock or process in this package.

=============  ==========================================================================
`lines`        words to a line: what is sent
`values`       Python values to the text of arguments and flags
`framing`      bytes to entries: what arrives
`entries`      what an entry means
`script`       a script of several lines as one line, and its output put together again
`redaction`    private keys hidden in everything that people see
=============  ==========================================================================
"""

from __future__ import annotations

from pyrum_sync.protocol.entries import Entry as Entry
