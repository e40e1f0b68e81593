"""The record (ENR) of an actor, as go-ethereum's LocalNode has it.

After a change it is signed anew, under the next number, when it is read.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.enr_keys import ForkId


class LocalRecord:
    """What an actor says of itself.

    Args:
        private_key: 32 bytes.
        static_ip, fallback_ip: addresses that it begins with; the static one goes first.
        fallback_udp: a port of discovery that it begins with; 0 is none.
    """

    def __init__(
        self,
        private_key: bytes,
        *,
        static_ip: str | None = None,
        fallback_ip: str | None = None,
        fallback_udp: int = 0,
    ) -> None:
        self._private_key = private_key
        self._values: dict[str, Any] = {}
        self._seq = 0
        self._record: Record | None = None
        for ip in (fallback_ip, static_ip):
            if ip is not None:
                self.set(_key_of(ip), ip)
        if fallback_udp:
            self.set("udp", fallback_udp)

    def set(self, key: str, value: str | int | bytes | ForkId | None) -> None:
        """Sets a value; None takes it away."""
        if self._values.get(key) == value:
            return
        if value is None:
            del self._values[key]
        else:
            self._values[key] = value
        self._record = None

    def set_ip(self, ip: str | None) -> None:
        """Sets the address of its own version; None takes both away."""
        if ip is None:
            self.set("ip", None)
            self.set("ip6", None)
        else:
            self.set(_key_of(ip), ip)

    def record(self) -> Record:
        """Returns the record as it is now.

        Raises:
            ValueError: it has become too large.
        """
        if self._record is None:
            self._record = Record.make(self._private_key, seq=self._seq + 1, **self._values)
            self._seq += 1
        return self._record


def _key_of(ip: str) -> str:
    return "ip" if ipaddress.ip_address(ip).version == 4 else "ip6"
