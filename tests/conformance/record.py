"""Record what the real Rumor does: ``python -m tests.conformance.record [NAME…]``, with `rumor` on PATH or in $RUMOR.

Writes one file a case into ``recorded/``; the tests compare both Rumors with them.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import sys

from tests.conformance.cases import CASES, Case, run
from tests.conformance.driver import real_rumor
from tests.conformance.normal import Record

TRIES = 4
RECORDED = pathlib.Path(__file__).with_name("recorded")


def path(case: Case) -> pathlib.Path:
    """The file of a case."""
    return RECORDED / f"{case.name.replace(' ', '-')}.json"


def recorded(case: Case) -> Record:
    """What was recorded."""
    loaded: Record = json.loads(path(case).read_text(encoding="utf-8"))
    return loaded


def run_real(case: Case, rumor: str, wanted: Record | None = None) -> Record:
    """Run a case on the real Rumor, again where it went another way than `wanted`.

    Rumor now and then reads a request wrongly (its buffers race), and then takes another way or none at all.
    """
    for _ in range(TRIES - 1):
        with contextlib.suppress(AssertionError):
            got = run(case, [rumor])
            if wanted in (None, got):
                return got
    return run(case, [rumor])


def main(names: list[str]) -> int:
    """Record the cases of those names, all without."""
    rumor = real_rumor()
    if rumor is None:
        print("no real Rumor: put `rumor` on PATH or set $RUMOR", file=sys.stderr)
        return 1
    RECORDED.mkdir(exist_ok=True)
    for case in CASES:
        if not names or case.name in names:
            text = json.dumps(run_real(case, rumor), indent=1, ensure_ascii=False, sort_keys=True)
            path(case).write_text(text + "\n", encoding="utf-8")
            print(case.name)
    if not names:
        for file in set(RECORDED.glob("*.json")) - {path(case) for case in CASES}:
            file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
