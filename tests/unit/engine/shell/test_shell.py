"""The shell in a session: refused lines harm nothing, and endless loops stop nobody else."""

from __future__ import annotations

from tests.conformance.driver import SIMULATOR, Driver


def test_a_refused_line_leaves_the_session_alive_and_runs_nothing() -> None:
    with Driver(SIMULATOR) as rumor:
        entries = rumor.do(
            "echo before; foo() { echo never; }", "set -e", "cat /etc/hostname", "read -r x", "echo after"
        )
        failed = [e for e in entries if e["msg"] == "failed"]
        assert "a function declaration is not in the simulator's shell" in failed[0]["error"]
        assert "set is not in the simulator's shell" in failed[1]["error"]
        assert failed[2]["error"] == "exit status 127"
        assert "kills a Rumor" in failed[3]["error"]
        assert [e["stdout"] for e in entries if "stdout" in e] == ["after"]
        assert rumor.end() == 0


def test_a_loop_without_end_does_not_stop_the_rest() -> None:
    with Driver(SIMULATOR) as rumor:
        rumor.send("while true; do true; done &")
        rumor.do("_a lvl_trace sleep 1ms")
        assert rumor.end() == 0
