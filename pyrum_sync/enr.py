"""Ethereum node records (EIP-778): read, checked, made and signed. No extra is needed.

>>> from pyrum_sync.enr import Record
>>> record = Record.parse("enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls"
...                       "8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1"
...                       "ZHCCdl8")
>>> record.ip, record.udp, record.seq
('127.0.0.1', 30303, 1)
"""

from __future__ import annotations

from pyrum_sync.spec.enr import ForkId, Record
from pyrum_sync.spec.enr_view import describe

__all__ = ["ForkId", "Record", "describe"]
