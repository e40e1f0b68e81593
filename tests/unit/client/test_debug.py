"""Showing what goes over the wire."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pyrum_sync.client.debug import wire_log
from tests.conftest import HANG
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start


@pytest.fixture(autouse=True)
def logger() -> Iterator[logging.Logger]:
    """The library's logger, as it was before."""
    logger = logging.getLogger("pyrum_sync")
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_nothing_is_shown_unless_asked_for() -> None:
    assert wire_log(debug=False) is None


def test_debug_shows_lines_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    log = wire_log(debug=True)
    assert log is not None
    log(">", "a 100 % line")
    assert capsys.readouterr().err.endswith("pyrum_sync > a 100 % line\n")


def test_debug_twice_shows_each_line_once(capsys: pytest.CaptureFixture[str], logger: logging.Logger) -> None:
    wire_log(debug=True)
    log = wire_log(debug=True)
    assert log is not None
    log("<", "line")
    assert capsys.readouterr().err.count("line") == 1
    assert len(logger.handlers) == 1


def test_whoever_wants_debug_messages_gets_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "pyrum_sync")
    log = wire_log(debug=False)
    assert log is not None
    log("<", "line")
    assert caplog.messages == ["< line"]


def test_logging_is_not_even_imported_for_scripts_without_it() -> None:
    script = """if True:
        import sys
        from pyrum_sync.client.debug import wire_log
        assert wire_log(False) is None
        assert "logging" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", script], check=True, timeout=HANG)


def test_debug_is_for_the_rumor_that_asked(peer: ScriptedServer, capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer() as another, another.rumor(debug=True), peer.rumor() as silent:
        capsys.readouterr()
        silent.nowait.sleep("1s")
        peer.line()
        assert "sleep 1s" not in capsys.readouterr().err


def test_debug_shows_both_directions_and_no_secrets(
    peer: ScriptedServer, background: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pyrum_sync")
    with peer.rumor() as rumor:
        secret = "it's 5ec4e7 ö"
        calling = background(lambda: rumor.actor("alice").host.start(priv=secret, nat=False))
        call_id = peer.call()
        peer.entry(args=[f"_{call_id}", f"--priv={secret}"], msg=f"Started {call_id}")
        peer.data(call_id, priv=secret, other=f"a{secret}b")
        peer.freed_after_success(call_id)
        calling.value()
    shown = [message for message in caplog.messages if call_id in message]
    assert shown[0] == f"> _{call_id} alice: lvl_trace host start --priv=*** --nat=false &"
    assert shown[1].startswith("< {")
    assert any('"other": "a***b"' in message for message in shown)
    assert "> exit" in caplog.messages
    assert not [text for text in caplog.messages if "5ec4e7" in text or "it's" in text or "00f6" in text]


def test_debug_true_shows_it_on_stderr(peer: ScriptedServer, capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("pyrum_sync")
    handlers, level = logger.handlers[:], logger.level
    try:
        with peer.rumor(debug=True):
            pass
    finally:
        logger.handlers[:] = handlers
        logger.setLevel(level)
    said = capsys.readouterr().err
    assert "pyrum_sync > _1_" in said
    assert "pyrum_sync < {" in said


@pytest.mark.parametrize("first", ["basicConfig", "debug"])
def test_a_script_that_logs_already_sees_each_line_once(first: str) -> None:
    script = """if True:
        import logging, sys
        from pyrum_sync.client.debug import wire_log
        steps = [lambda: logging.basicConfig(level=logging.DEBUG), lambda: wire_log(debug=True)]
        if sys.argv[1] == "debug":
            steps.reverse()
        found = [step() for step in steps]
        log = found[0] or found[1]
        log("<", "a line")
    """
    done = subprocess.run(
        [sys.executable, "-c", script, first], capture_output=True, text=True, check=True, timeout=HANG
    )
    assert done.stderr.count("a line") == 1


@pytest.mark.parametrize(
    "handler",
    [
        "logging.FileHandler('/dev/null')",
        "logging.StreamHandler(io.StringIO())",
        "logging.NullHandler()",
        "warnings_only",
    ],
)
def test_a_handler_that_shows_it_to_nobody_changes_nothing(handler: str) -> None:
    script = f"""if True:
        import io, logging
        from pyrum_sync.client.debug import wire_log
        warnings_only = logging.StreamHandler()
        warnings_only.setLevel(logging.WARNING)
        logging.getLogger().addHandler({handler})
        wire_log(debug=True)("<", "a line")
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=HANG)
    assert done.stderr.count("a line") == 1
