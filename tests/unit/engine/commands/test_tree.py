"""The tree of commands: what is missing says so."""

from __future__ import annotations

from tests.conformance.driver import SIMULATOR, Driver


def test_what_is_not_simulated_says_so() -> None:
    with Driver(SIMULATOR) as rumor:
        rumor.do("host start --nat=false")
        for group in ("dv5", "blocks", "states", "chain", "tool", "peer connectall", "peer track"):
            entries = rumor.do(f"_a lvl_trace {group} list")
            error = next(e["__error"] for e in entries if "__error" in e)
            assert error == f"{group} is not in the pyrum_sync engine, only in a real Rumor"
            assert [e["call_id"] for e in entries if "__freed" in e] == ["a"]
