"""What the tests of eth2 have in common: containers, a chain, and two hosts."""

# No `from __future__ import annotations`: remerkleable reads the fields of containers from their annotations.
from hashlib import sha256
from typing import NamedTuple

from remerkleable.basic import boolean, uint64
from remerkleable.complex import Container, List

from pyrum_sync import Actor, Rumor, eth2


class Flagged(Container):
    number: uint64
    flag: boolean


class Block(Container):
    """Of any length, like the real ones."""

    slot: uint64
    body: List[uint64, 1 << 17]


class Hosts(NamedTuple):
    """Alice is connected to Bob; on the real Rumor they live in two processes."""

    alice: Actor
    bob: Actor
    alices: Rumor
    bobs: Rumor
    bob_id: str


CHAIN = {slot: Block(slot=slot, body=range(slot)) for slot in range(100, 164)}
ROOTS = {sha256(block.encode_bytes()).digest(): block for block in CHAIN.values()}


def by_range(asked: eth2.BlocksByRangeRequest) -> list[Block]:
    slots = range(asked.start_slot, asked.start_slot + asked.count * asked.step, asked.step)
    return [CHAIN[slot] for slot in slots if slot in CHAIN]


def by_root(asked: eth2.BlocksByRootRequest) -> list[Block]:
    return [ROOTS[bytes(root)] for root in asked if bytes(root) in ROOTS]
