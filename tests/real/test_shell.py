"""Scripts in Rumor's shell."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from pyrum_sync import CallError, CallTimeout, Rumor, ShellError, ShellResult, SubprocessConn
from tests.conftest import HANG
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor


def test_what_a_script_gives(rumor: Rumor) -> None:
    result = rumor.shell("""
        alice: host start --nat=false
        for name in alice bob; do
            echo "hello, $name"
        done
        alice: host view
        echo "Alice is $__peer_id"
        echo "to stderr" >&2
        (( 1 + 1 == 3 )) || false
    """, check=False)  # fmt: skip
    alice = rumor.actor("alice").host.view().peer_id()
    assert result.stdout == f"hello, alice\nhello, bob\nAlice is {alice}\n"
    assert result.stderr == "to stderr\n"
    assert result.status == 1
    assert [entry["peer_id"] for entry in result.entries if "peer_id" in entry] == [alice]
    assert {entry["actor"] for entry in result.entries} == {"alice"}


def test_nothing(rumor: Rumor) -> None:
    for script in ("", "\n\n", "   ", "# a comment", "true", ":"):
        assert rumor.shell(script) == ShellResult()


@pytest.mark.parametrize(
    ("script", "stdout"),
    [
        ("echo x", "x\n"),
        ("echo -n x", "x"),
        ("printf 'x'", "x"),
        ("printf ''", ""),
        ("echo", "\n"),
        ("echo; echo; echo", "\n\n\n"),
        ("echo '  both ends  '", "  both ends  \n"),
        ("printf '\\tx\\t\\n\\n y'", "\tx\t\n\n y"),
        ("printf 'a\\rb\\r\\n'", "a\rb\r\n"),
        ("echo 'it'\\''s'; echo \"say \\\"x\\\"\"", "it's\nsay \"x\"\n"),
        ("echo '☃ 🎉 \x85'", "☃ 🎉 \x85\n"),
        ("echo 'back\\slash \\n'", "back\\slash \\n\n"),
        ("printf '%s\\n' '$HOME `x` $(x)'", "$HOME `x` $(x)\n"),
        ("echo one; echo two", "one\ntwo\n"),
        ("x=1\nif [ $x = 1 ]; then\n  echo yes\nfi", "yes\n"),
        ("f() { echo \"f $1\"; }\nf 1; f 2", "f 1\nf 2\n"),
        ("echo a | tr a b", "b\n"),
        ("cat <<EOF\nhere $((1+1))\nEOF", "here 2\n"),
        ("echo $(echo inner)", "inner\n"),
        ("for i in {1..5}; do printf $i; done", "12345"),
    ],
)  # fmt: skip
def test_stdout_is_exact(rumor: Rumor, script: str, stdout: str) -> None:
    assert rumor.shell(script) == ShellResult(stdout=stdout)


def test_random_output_is_exact(rumor: Rumor) -> None:
    rng = random.Random(3)
    for _ in range(100):
        text = "".join(rng.choices("ab \t\r\n'\"\\$`☃:>?.#1", k=rng.randrange(60)))
        script = "printf '%s' '" + text.replace("'", "'\"'\"'") + "'"
        assert rumor.shell(script).stdout == text


def test_long_output(rumor: Rumor, tmp_path: Path) -> None:
    text = "".join(f"line {number}\n" for number in range(5000)) + "y" * 500_000
    (tmp_path / "text").write_text(text)
    assert rumor.shell(f"cat {tmp_path}/text").stdout == text


def test_stdout_and_stderr_apart(rumor: Rumor) -> None:
    result = rumor.shell("for i in {1..1000}; do echo out $i; echo err $i >&2; done")
    assert result.stdout == "".join(f"out {number}\n" for number in range(1, 1001))
    assert result.stderr == "".join(f"err {number}\n" for number in range(1, 1001))


def test_variables_and_folders_do_not_outlive(rumor: Rumor, tmp_path: Path) -> None:
    before = rumor.shell("pwd").stdout
    assert rumor.shell(f"x=1; export y=2; cd {tmp_path}; f() {{ :; }}; echo $x$y; pwd").stdout == f"12\n{tmp_path}\n"
    assert rumor.shell("echo [$x$y]; pwd").stdout == f"[]\n{before}"
    with pytest.raises(ShellError):
        rumor.shell("f")


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("false", 1),
        ("exit 7", 7),
        ("exit", 0),
        ("echo x; exit 3; echo y", 3),
        ("(exit 4)", 4),
        ("no_such_program_here", 127),
        ("alice: host listen", 1),
        ("alice: host listen; true", 0),
        ("set -e; false; echo not here", 1),
        ("f() { return 5; }; f", 5),
        ("return 5", 1),  # no function to return from
    ],
)
def test_status(rumor: Rumor, script: str, status: int) -> None:
    result = rumor.shell(script, check=False)
    assert result.status == status
    assert "y" not in result.stdout.split()
    if status:
        with pytest.raises(ShellError, match=f"exit status {status}") as caught:
            rumor.shell(script)
        assert caught.value.result.status == status
        assert caught.value.result.stdout == result.stdout
        assert isinstance(caught.value, CallError)
    assert rumor.shell("echo alive").stdout == "alive\n"


@pytest.mark.parametrize(
    "script",
    [
        "if",
        "echo 'open",
        'echo "open',
        "echo $(",
        "(",
        ")",
        "}",
        "{",
        "fi",
        "a && && b",
        "for x in",
        "<<",
        "`",
        "case x in",
        "${",
    ],
)
def test_syntax_error(rumor: Rumor, script: str) -> None:
    with pytest.raises(ShellError) as caught:
        rumor.shell(script)
    assert caught.value.result.status != 0
    assert caught.value.result.stderr
    assert rumor.shell("echo alive").stdout == "alive\n"


@pytest.mark.parametrize("script", ["echo x \\", "\\", "echo x; \\", "echo \\\\", "echo 'x' # \\"])
def test_backslash_at_the_end(rumor: Rumor, script: str) -> None:
    rumor.shell(script, check=False)
    assert rumor.shell("echo alive").stdout == "alive\n"


def test_failing_line_tells_why(rumor: Rumor) -> None:
    with pytest.raises(ShellError) as caught:
        rumor.shell("echo to_stderr >&2; false")
    assert "to_stderr" in str(caught.value)
    assert caught.value.result.stderr == "to_stderr\n"


def test_other_calls_go_on(rumor: Rumor, tmp_path: Path) -> None:
    """The script waits for a file that only appears once other calls have come and gone."""
    gate = tmp_path / "gate"
    with ThreadPoolExecutor(1) as pool:
        script = pool.submit(rumor.shell, f"while [ ! -e {gate} ]; do sleep 10ms; done; echo through")
        for _ in range(20):
            rumor.sleep("1ns")
            assert rumor.actor("alice").calls() == {}
        assert not script.done()
        gate.touch()
        assert script.result(HANG).stdout == "through\n"


def test_script_that_takes_too_long(rumor: Rumor, tmp_path: Path) -> None:
    gate, done = tmp_path / "gate", tmp_path / "done"
    begun = monotonic()
    with pytest.raises(CallTimeout, match=r"0\.1 s"):
        rumor.shell(f"while [ ! -e {gate} ]; do sleep 10ms; done; touch {done}", timeout=0.1)
    assert monotonic() - begun < HANG
    assert rumor.shell("echo alive").stdout == "alive\n"
    gate.touch()  # it went on, and ends by itself
    rumor.shell(f"while [ ! -e {done} ]; do sleep 10ms; done")


@pytest.mark.parametrize("way", ["tcp", "ws"])
def test_scripts_at_once(server: RumorServer, way: str) -> None:
    """Each thread gets the output of its own script."""
    with Rumor(getattr(server, way)(), timeout=HANG) as client, ThreadPoolExecutor(4) as pool:

        def run(number: int) -> tuple[str, str, int]:
            script = f"for i in 1 2 3; do echo {number} $i; echo err {number} >&2; done; exit {number % 5}"
            result = client.shell(script, check=False)
            return result.stdout, result.stderr, result.status

        for number, found in enumerate(pool.map(run, range(40))):
            stdout = "".join(f"{number} {i}\n" for i in (1, 2, 3))
            assert found == (stdout, f"err {number}\n" * 3, number % 5)


def test_scripts_and_lists_of_calls_at_once(rumor: Rumor) -> None:
    """Both listen for what belongs to no call."""
    alice = rumor.actor("alice")
    alice.host.start(nat=False)
    notes = alice.host.notify("all")

    def work(number: int) -> object:
        return rumor.shell(f"echo {number}").stdout if number % 2 else set(alice.calls())

    with ThreadPoolExecutor(6) as pool:
        for number, found in enumerate(pool.map(work, range(100))):
            assert found == (f"{number}\n" if number % 2 else {notes.id})


def test_entries_of_scripts_at_once(rumor: Rumor) -> None:
    """Rumor does not tell which script made a call without an id: each gets those of all."""
    ready = threading.Barrier(2)

    def run(name: str) -> list[str]:
        ready.wait(HANG)
        result = rumor.shell(f"for i in {{1..50}}; do blocks rm {name}; done")
        return [entry["name"] for entry in result.entries if entry.get("name") == name]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, ["one", "two"])) == [["one"] * 50, ["two"] * 50]


def test_what_a_script_leaves_running(rumor: Rumor) -> None:
    """It lives on, and can be attached to."""
    rumor.shell("alice: host start --nat=false; _notes_of_alice alice: host notify all")
    notes = rumor.attach("notes_of_alice")
    rumor.actor("alice").host.listen(ip="127.0.0.1", tcp=0)
    assert notes.field("event")() == "listen_open"
    notes.cancel()
    assert notes.done


def test_data_of_other_calls(rumor: Rumor) -> None:
    """Rumor keeps what calls logged as variables, by their ids."""
    rumor.host.start(nat=False)
    view = rumor.host.view()
    assert rumor.shell(f"echo $_{view.id}_peer_id").stdout == f"{view.peer_id()}\n"


def test_data_of_calls_can_be_forgotten(rumor_path: str) -> None:
    conn = SubprocessConn([rumor_path, "bare", "--level=trace"])
    with Rumor(conn, timeout=HANG, clear_log_data_every=5) as rumor:
        rumor.host.start(nat=False)
        view = rumor.host.view()
        assert view.peer_id()
        for _ in range(10):
            rumor.sleep("1ns").finished()
        assert rumor.shell(f"echo [$_{view.id}_peer_id]").stdout == "[]\n"


@pytest.mark.parametrize("script", ["foo:", "_x", "lvl_info", "_x next 1 2", "echo before; foo:; echo after"])
def test_what_rumor_gives_up(rumor: Rumor, script: str) -> None:
    """Some lines end all that stands around them; the end is told all the same."""
    result = rumor.shell(script, check=False)
    assert result.status == 1
    assert "gave the script up" in result.stderr
    assert result.stdout == ("before\n" if "before" in script else "")
    with pytest.raises(ShellError, match="gave the script up"):
        rumor.shell(script)


def test_rumors_reason_is_in_the_error(rumor: Rumor) -> None:
    with pytest.raises(ShellError, match=r"alice: host view: .*host") as caught:
        rumor.shell("alice: host view")
    assert [entry["args"] for entry in caught.value.result.entries if entry["msg"] == "failed"] == [
        ["alice:", "host", "view"]
    ]


def test_each_of_many_scripts_at_once_has_its_own_entries(rumor: Rumor) -> None:
    names = [f"actor-{number}" for number in range(4)]
    for name in names:
        rumor.actor(name).host.start(nat=False)

    def views(name: str) -> set[str]:
        result = rumor.shell(f"for i in 1 2 3; do {name}: host view; sleep 10ms; done")
        ids = {entry["call_id"] for entry in result.entries}
        assert len(ids) == 6
        return {entry["actor"] for entry in result.entries if "peer_id" in entry}

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(views, names)) == [{name} for name in names]
