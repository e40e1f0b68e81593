"""What is built installs and imports on each supported Python."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

VERSIONS = ("3.10", "3.11", "3.12", "3.13")


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    text: str = done.stdout
    return text


def interpreter(version: str) -> str | None:
    """A Python of that version: this one, one on PATH, or one of pyenv's."""
    if "{}.{}".format(*sys.version_info) == version:
        return sys.executable
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return str(pyenv[-1]) if pyenv else shutil.which(f"python{version}")


def environment(python: str | Path, place: Path, *wanted: str | Path) -> Path:
    """The Python of a new virtual environment with this in it, put there by the pip of our own."""
    run(python, "-m", "venv", "--without-pip", place)
    made = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", made, "install", "--quiet", "--disable-pip-version-check", *wanted)
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source distribution that it was made from, from a copy of what git would ship."""
    source = tmp_path_factory.mktemp("source") / "project"
    project = Path(__file__).parents[2]
    shutil.copytree(project, source, ignore=shutil.ignore_patterns(".*", "*.egg-info", "build", "dist", "__pycache__"))
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, source)
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def test_contents(built: tuple[Path, Path]) -> None:
    wheel, sdist = built
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        scripts = archive.read(next(name for name in names if name.endswith("/entry_points.txt"))).decode()
    assert "pyrum_sync/py.typed" in names
    assert not [name for name in names if name.startswith(("tests", "examples"))]
    assert "Name: pyrum-sync\n" in metadata
    assert "Provides-Extra: cli\n" in metadata
    assert "pyrum-sync = pyrum_sync.cli.main:main" in scripts
    assert "pyrum_sync = pyrum_sync.pytest_plugin" in scripts
    assert "License-Expression: MIT\n" in metadata
    with tarfile.open(sdist) as tar:
        shipped = tar.getnames()
    for needed in ("LICENSE", "CHANGELOG.md", "README.md", "pyrum_sync/py.typed", "tests/conftest.py", "setup.cfg"):
        assert any(name.endswith(f"/{needed}") for name in shipped), needed


@pytest.mark.parametrize("version", VERSIONS)
def test_installs(built: tuple[Path, Path], version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} found")

    made = environment(python, tmp_path / "venv", built[0])  # which was made from the source distribution
    script = "import pyrum_sync, websocket, remerkleable.complex; print(pyrum_sync.__version__)"
    assert run(made, "-W", "error", "-c", script, cwd=tmp_path).strip() in built[0].name


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
