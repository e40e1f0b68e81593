"""Those who read a call, by all ways that there are, and note the numbers of what they were given."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

from pyrum_sync import Call, CallError, DataLost
from tests.conftest import Background
from tests.model.truth import Truth

KEYS = ("entries", "steps", "n", "extra")
# How a loop is left that has read enough.
LEAVES = ("break", "close", "drop", "cycle")


class Reader:
    """Reads one kind of thing of one call: what it got, and how much it was told was lost."""

    def __init__(self, call: Call, truth: Truth, key: str) -> None:
        self.call = call
        self.truth = truth
        self.key = key
        self.got: list[int] = []
        self.lost = 0

    def one(self, timeout: float | None) -> str:
        """A single read."""
        while True:
            try:
                self._given(self.call.next(timeout) if self.key == "steps" else self.call.field(self.key)(timeout))
            except (DataLost, CallError) as error:
                if not self._counted(error):
                    continue
            return "enough"

    def several(self, timeout: float | None, count: int | None, leave: str, begun: Iterator[Any] | None = None) -> str:
        """A loop, left after so many; goes on behind what ends an iterator without being the end."""
        wanted = len(self.got) + count if count is not None else None
        while True:
            source = begun if begun is not None else self.values(timeout)
            begun = None
            try:
                if not self._loop(source, wanted, leave):
                    return "end"
            except (DataLost, CallError) as error:
                self._counted(error)
            if wanted is not None and len(self.got) >= wanted:
                return "enough"

    def values(self, timeout: float | None) -> Iterator[Any]:
        if self.key == "entries":
            return self.call.entries(timeout)
        if self.key == "steps":
            return self.call.steps(timeout)
        return self.call.field(self.key).values(timeout)

    def _loop(self, source: Iterator[Any], wanted: int | None, leave: str) -> bool:
        """False if it came to its end."""
        for value in source:
            self._given(value)
            if wanted is not None and len(self.got) >= wanted:
                if leave == "close":
                    source.close()  # type: ignore[attr-defined]
                elif leave == "drop":
                    del source
                    gc.collect(0)
                elif leave == "cycle":
                    cycle: list[object] = [source]
                    cycle.append(cycle)
                return True
        return False

    def _given(self, value: Any) -> None:
        truth = self.truth
        if self.key == "steps":
            assert value in [step.fields for step in truth.steps if step.failure is None], value
            self.got.append(value["n"])
        elif self.key == "entries":
            assert value in truth.entries, value
            self.got.append(value["n"])
        else:
            self.got.append(value)

    def _counted(self, error: DataLost | CallError) -> bool:
        """Count what was lost; True for a step that failed. Raise what tells of the call itself."""
        if isinstance(error, DataLost):
            assert error.count > 0
            self.lost += error.count
            return False
        number = (error.entry or {}).get("n")
        if self.key != "steps" or number == self.truth.failure:
            raise error
        failures = {step.number: step.failure for step in self.truth.steps if step.failure is not None}
        assert number in failures, error.entry
        assert failures[number] == error.message, error.message
        self.got.append(number)
        return True


class Reading(Background):
    """A reader in a thread of its own."""

    def __init__(self, reader: Reader, count: int | None, how: str, begun: Iterator[Any] | None = None) -> None:
        self.reader = reader

        def work() -> str:
            if how == "one" and reader.key != "entries":
                return reader.one(None)
            return reader.several(None, count, how, begun)

        super().__init__(work)
