"""What is built installs and imports on each supported Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
OURS = "{}.{}".format(*sys.version_info)
OTHERS = [version for version in VERSIONS if version != OURS]
PROJECT = Path(__file__).parents[2]
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)")  # but those of the web, and of the page itself


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    text: str = done.stdout
    return text


def interpreter(version: str) -> str | None:
    """A Python of that version: this one, one on PATH, or one of pyenv's."""
    if version == OURS:
        return sys.executable
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return str(pyenv[-1]) if pyenv else shutil.which(f"python{version}")


def environment(python: str | Path, place: Path, *wanted: str | Path) -> Path:
    """The Python of a new virtual environment with this in it, put there by the pip of our own."""
    run(python, "-m", "venv", "--without-pip", place)
    made = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", made, "install", "--quiet", "--disable-pip-version-check", *wanted)
    return made


def _not_shipped(folder: str, names: list[str]) -> set[str]:
    made = shutil.ignore_patterns(".*", "*.egg-info", "build", "dist", "__pycache__")(folder, names)
    return made - {".ci"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source distribution that it was made from, from a copy of what git would ship."""
    source = tmp_path_factory.mktemp("source") / "project"
    shutil.copytree(PROJECT, source, ignore=_not_shipped)
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, source)
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        place = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(place).decode())


@pytest.fixture(scope="module")
def unpacked(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(built[1]) as tar:
        tar.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # type: ignore[arg-type]
    return next(folder.iterdir())


def test_the_wheel_holds_the_package_alone(built: tuple[Path, Path]) -> None:
    wheel = built[0]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        scripts = archive.read(next(name for name in names if name.endswith("/entry_points.txt"))).decode()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"pyrum_sync"}
    assert "pyrum_sync/py.typed" in names
    assert "pyrum-sync = pyrum_sync.cli.main:main" in scripts
    assert "pyrum_sync = pyrum_sync.pytest_plugin" in scripts
    size = f"{wheel.stat().st_size / 1e6:.1f} MB"
    assert f"The wheel has {size}." in " ".join((PROJECT / "README.md").read_text().split()), size


def test_what_an_index_shows(built: tuple[Path, Path]) -> None:
    shown = metadata(built[0])
    assert shown["Name"] == "pyrum-sync"
    assert shown["Author"] == "pyrum_sync developers"
    assert shown["License-Expression"] == "MIT"
    assert shown["License-File"] == "LICENSE"
    assert shown["Requires-Python"] == ">=3.10"
    assert shown["Summary"]
    assert shown["Keywords"]
    assert shown.get_all("Project-URL")
    extras = set(shown.get_all("Provides-Extra", []))
    assert {"cli", "engine", "simulator", "dask", "dev"} <= extras
    wanted = {extra: sorted(_wanted(shown, extra)) for extra in extras}
    assert wanted["simulator"] == wanted["engine"]
    assert {"cramjam", "cryptography", "websockets"} == set(wanted["engine"])
    assert set(_wanted(shown, None)) == {"websocket-client", "remerkleable"}
    classifiers = shown.get_all("Classifier", [])
    for version in VERSIONS:
        assert f"Programming Language :: Python :: {version}" in classifiers
    assert not [each for each in classifiers if each.startswith("License ::")], "the license expression says it"


def _wanted(shown: Message, extra: str | None) -> list[str]:
    """The names of the distributions that it asks for: with this extra only, or always."""
    found = []
    for each in shown.get_all("Requires-Dist", []):
        what, _, condition = each.partition(";")
        if (f'extra == "{extra}"' in condition) if extra else not condition:
            found.append(re.split(r"[^\w.-]", what.strip())[0])
    return found


def test_the_readme_renders_as_an_index_does_it(built: tuple[Path, Path]) -> None:
    from readme_renderer import markdown

    shown = metadata(built[0])
    assert shown["Description-Content-Type"] == "text/markdown"
    page = markdown.render(str(shown.get_payload()))
    assert page, "an index would refuse it"
    assert re.search(r"<h1[^>]*>pyrum_sync", page)
    assert not [link for link in re.findall('href="([^"]*)"', page) if not link.startswith(("https://", "#"))]
    assert "Tutorial (<code>docs/tutorial.md</code>)" in page, "no link, but the name of the file"
    assert page.count("<pre") == (PROJECT / "README.md").read_text().count("\n```") // 2


def test_the_source_distribution_is_complete(unpacked: Path) -> None:
    for needed in ("LICENSE", "CHANGELOG.md", "Makefile", "setup.cfg", "pyrum_sync/py.typed", ".ci/run", "ruff.toml"):
        assert (unpacked / needed).is_file(), needed
    for folder in ("tests", "tools", "examples", "docs", "benchmarks"):
        there = {path.relative_to(PROJECT) for path in (PROJECT / folder).rglob("*") if _kept(path)}
        assert not [path for path in there if not (unpacked / path).is_file()]
    # Where the pages lead to is there, too.
    for page in [unpacked / "README.md", *(unpacked / "docs").glob("*.md")]:
        for link in _LINK.findall(page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def _kept(path: Path) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(PROJECT).parts)
    return path.is_file() and not hidden and path.suffix != ".pyc"


@pytest.mark.parametrize("more", [(), pytest.param(("tests/project/test_generated.py",), marks=pytest.mark.long)])
def test_the_source_distribution_tests_itself(unpacked: Path, more: tuple[str, ...]) -> None:
    """A short part, with no folder of ours in reach: what it imports is its own."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_", "COVERAGE"))
    }
    said = run(
        sys.executable,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("tests/unit/protocol", "tests/unit/catalogue", *more),
        cwd=unpacked,
        env=environment,
    )
    assert re.search(r"^\d+ passed", said, re.MULTILINE), said
    where = run(sys.executable, "-c", "import pyrum_sync; print(pyrum_sync.__file__)", cwd=unpacked, env=environment)
    assert Path(where.strip()).is_relative_to(unpacked)


@pytest.mark.long
def test_types_are_seen_after_an_editable_install(unpacked: Path, tmp_path: Path) -> None:
    """Without any option: the setup says how."""
    made = environment(sys.executable, tmp_path / "venv", "--editable", unpacked)
    script = tmp_path / "script.py"
    script.write_text("from pyrum_sync import Rumor\n\nRumor().nonsense(1)\nreveal_type(Rumor.close)\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", f"--python-executable={made}", f"--cache-dir={tmp_path / 'cache'}", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "stub" not in done.stdout, done.stdout
    assert 'Missing positional argument "conn" in call to "Rumor"' in done.stdout
    assert 'Revealed type is "def (self: pyrum_sync.client.rumor.Rumor' in done.stdout


@pytest.mark.long
def test_commands_of_a_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    """As `pipx run` has it: an environment of its own, the wheel and two extras."""
    made = environment(sys.executable, tmp_path / "venv", f"{built[0]}[engine,cli]")
    command = made.parent / "pyrum-sync"
    assert "probe" in run(command, "--help", cwd=tmp_path)
    assert "ADDR" in run(command, "probe", "--help", cwd=tmp_path)
    assert "host listen" in run(command, "commands", "host", "listen", cwd=tmp_path)
    assert "alice" in run(command, "demo", cwd=tmp_path)


@pytest.mark.parametrize("version", [OURS, *(pytest.param(each, marks=pytest.mark.long) for each in OTHERS)])
def test_installs(built: tuple[Path, Path], version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} found")

    made = environment(python, tmp_path / "venv", built[0])  # which was made from the source distribution
    run(sys.executable, "-m", "pip", "--python", made, "--disable-pip-version-check", "check")
    script = "import pyrum_sync, websocket, remerkleable.complex; print(pyrum_sync.__version__)"
    assert run(made, "-W", "error", "-c", script, cwd=tmp_path).strip() in built[0].name


@pytest.mark.long
def test_either_remerkleable(built: tuple[Path, Path], tmp_path: Path) -> None:
    """The maintained fork has the same import name, and its objects arrive the same."""
    # Without what it asks for itself, which is the other one.
    made = environment(sys.executable, tmp_path / "venv", "eth-remerkleable", "--no-deps", built[0])
    script = """if True:
        from remerkleable.basic import boolean, uint64
        from remerkleable.byte_arrays import ByteVector
        from remerkleable.complex import Container

        from pyrum_sync.protocol.values import to_text

        class Ping(Container):
            seq: uint64
            root: ByteVector[2]

        print(*(to_text(value, "it") for value in (Ping(seq=1), uint64(7), boolean(True), ByteVector[2](b"ab"))))

        from pyrum_sync import eth2

        status = eth2.Status(head_slot=7)
        assert eth2.decode(eth2.Status, status.encode_bytes()) == status
        try:
            eth2.decode(eth2.Status, bytes(83))
        except ValueError:
            print(len(eth2.BlocksByRootRequest(bytes(32)).encode_bytes()))
    """
    assert run(made, "-c", script).split() == ["01000000000000000000", "7", "true", "6162", "32"]
