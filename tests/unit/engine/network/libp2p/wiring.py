"""Wires two sides of a layer in memory, with every way of cutting what they send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol


class Layer(Protocol):
    """One side: bytes in, bytes out."""

    def receive_data(self, data: bytes) -> object:
        """Takes bytes from the other side."""

    def data_to_send(self) -> bytes:
        """Returns bytes for the other side."""


Cut = Callable[[bytes], Iterator[bytes]]


def whole(data: bytes) -> Iterator[bytes]:
    """All at once."""
    if data:
        yield data


def bytewise(data: bytes) -> Iterator[bytes]:
    """Byte by byte."""
    for place in range(len(data)):
        yield data[place : place + 1]


def split_at(place: int) -> Cut:
    """In two pieces."""

    def cut(data: bytes) -> Iterator[bytes]:
        yield from (piece for piece in (data[:place], data[place:]) if piece)

    return cut


def converse(one: Layer, other: Layer, cut: Cut = whole, rounds: int = 100) -> None:
    """Carries bytes to and fro until both are silent."""
    for _ in range(rounds):
        forth = one.data_to_send()
        for piece in cut(forth):
            other.receive_data(piece)
        back = other.data_to_send()
        for piece in cut(back):
            one.receive_data(piece)
        if not forth and not back:
            return
    raise AssertionError("they never stop")
