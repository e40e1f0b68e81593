"""Builds the peer programs, into a cache folder outside the project: once for each state of their sources.

`python -m tests.interop.toolchain` builds all of them and says where they are.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCES = Path(__file__).parent / "peers"
BUILD_SECONDS = float(os.environ.get("INTEROP_BUILD_SECONDS", "900"))  # for one program; Rust: 3 minutes of 2 cores
NODE = "22.23.3"  # where the installed one is older than 22


class Unavailable(Exception):
    """A program cannot be had here: one plain line that names what is missing."""


class BuildError(Exception):
    """Everything is there, and still it cannot be built: a fault in our sources."""


def program(name: str) -> list[str]:
    """The command line that starts the peer program `name`: "go", "js", "rust" or "py". Built if it was not.

    Raises:
        Unavailable: its toolchain, or the registry that it needs, is missing.
        BuildError: its sources do not compile.
    """
    found = _program(name)
    if isinstance(found, Unavailable):
        raise Unavailable(str(found))
    return found


@functools.cache
def _program(name: str) -> list[str] | Unavailable:
    asked_at = time.time()
    sources = SOURCES / name
    digest = hashlib.sha256()
    for path in sorted(each for each in sources.rglob("*") if each.is_file()):
        digest.update(f"{path.relative_to(sources)} {path.stat().st_size}\n".encode() + path.read_bytes())
    folder = _cache() / f"{name}-{digest.hexdigest()[:16]}"
    failure = folder.with_suffix(".failed")
    try:
        with _locked(folder.with_suffix(".lock")):
            if not folder.exists():
                if failure.exists() and failure.stat().st_mtime > asked_at:  # another process has just tried
                    raise Unavailable(failure.read_text())
                _build(name, sources, folder)
            return _COMMANDS[name](folder)
    except Unavailable as error:
        failure.write_text(str(error))
        return error


def _build(name: str, sources: Path, folder: Path) -> None:
    half = folder.with_suffix(".building")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(sources, half)
    _BUILDERS[name](half, Build(name, time.monotonic() + BUILD_SECONDS))
    half.rename(folder)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (
        Path(base, "pyrum-sync-interop") if base else Path(tempfile.gettempdir(), f"pyrum-sync-interop-{os.getuid()}")
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Unavailable(f"the cache folder {folder} belongs to another user")
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Build:
    """The steps of building one program, under one limit of time."""

    def __init__(self, name: str, deadline: float) -> None:
        self.name = name
        self._deadline = deadline

    def tool(self, command: str, needs: tuple[int, ...] = (), version_flag: str = "--version") -> str:
        """The path of a tool; its version is at least `needs`."""
        path = shutil.which(command)
        if path is None:
            raise Unavailable(f"the {self.name} peer needs {command}, which is not on PATH")
        if needs and (has := self._version([path, version_flag])) < needs:
            raise Unavailable(
                f"the {self.name} peer needs {command} {_dotted(needs)} or newer, and it is {_dotted(has)}"
            )
        return path

    def _version(self, command: list[str]) -> tuple[int, ...]:
        text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
        found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
        return tuple(int(each) for each in found.groups("0")) if found else ()

    def fetch(self, folder: Path, *command: str) -> None:
        """A step that asks a registry: that it fails means that the registry does not serve us."""
        status, output = self._run(folder, command)
        if status:
            raise Unavailable(f"the {self.name} peer's libraries cannot be fetched: {_gist(output)}")

    def compile(self, folder: Path, *command: str) -> None:
        """A step that needs our sources only."""
        status, output = self._run(folder, command)
        if status:
            raise BuildError(f"the {self.name} peer does not compile:\n{output[-4000:]}")

    def _run(self, folder: Path, command: tuple[str, ...]) -> tuple[int, str]:
        # One group of processes: what the time limit ends are the compilers, too.
        environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CARGO_TERM_COLOR": "never"}
        with tempfile.TemporaryFile() as output:
            child = subprocess.Popen(
                ["nice", "-n", "10", *command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status = child.wait(max(1.0, self._deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise Unavailable(f"the {self.name} peer was not built within {BUILD_SECONDS:.0f} s") from None
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
            output.seek(0)
            return status, output.read().decode(errors="replace")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version)) or "of an unknown version"


def _gist(output: str) -> str:
    """The line of a tool's output that says what went wrong, without addresses of registries."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|failed|cannot|denied|refused", line, re.IGNORECASE)]
    text = (telling or lines or ["no reason given"])[0]
    return re.sub(r"https?://\S+", "…", text)[:200]


# -- Go


def _build_go(folder: Path, build: Build) -> None:
    needed = re.search(r"^go (\d+)\.(\d+)(?:\.(\d+))?$", (folder / "go.mod").read_text(), re.MULTILINE)
    assert needed, "go.mod names no version"
    go = build.tool("go", tuple(int(each) for each in needed.groups("0")), "version")
    build.fetch(folder, go, "mod", "download")
    build.compile(folder, go, "build", "-o", "peer", ".")


# -- JavaScript


def _build_js(folder: Path, build: Build) -> None:
    npm = build.tool("npm")
    build.fetch(folder, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    try:
        node = build.tool("node", (22,))
    except Unavailable:
        own = folder / "node"
        own.mkdir()
        (own / "package.json").write_text('{"private": true}\n')
        build.fetch(own, npm, "install", "--no-audit", "--no-fund", "--no-package-lock", f"node@{NODE}")
        node = str(own / "node_modules" / ".bin" / "node")
    (folder / "run").write_text(f'#!/bin/sh\nexec "{_moved(node, folder)}" "$(dirname "$0")/peer.mjs" "$@"\n')
    (folder / "run").chmod(0o755)


def _moved(path: str, half: Path) -> str:
    """Where a file of the folder that is being built will be."""
    return path.replace(str(half), str(half.with_suffix("")))


# -- Rust


def _build_rust(folder: Path, build: Build) -> None:
    needed = re.search(r'^rust-version = "(\d+)\.(\d+)"$', (folder / "Cargo.toml").read_text(), re.MULTILINE)
    assert needed, "Cargo.toml names no version"
    cargo = build.tool("cargo", tuple(int(each) for each in needed.groups()))
    build.tool("cc")
    build.fetch(folder, cargo, "fetch")
    target = _cache() / "rust-target"  # kept: the libraries need minutes, our own files seconds
    build.compile(folder, cargo, "build", "--release", "--offline", "--target-dir", str(target))
    shutil.copy2(target / "release" / "interop-peer", folder / "peer")


# -- Python


def _build_py(folder: Path, build: Build) -> None:
    """PYLIBP2P_PYTHON names an interpreter that has py-libp2p; else this one, or a virtual environment for it."""
    python = os.environ.get("PYLIBP2P_PYTHON", "")
    if python:
        if not _has_pylibp2p(python):
            raise Unavailable(f"the py peer needs libp2p, which PYLIBP2P_PYTHON ({python}) cannot import")
    elif _has_pylibp2p(sys.executable):
        python = sys.executable
    else:
        compiler = build.tool("cc")  # fastecdsa, which it needs, has no wheels
        if subprocess.run(
            [compiler, "-E", "-"], input=b"#include <gmp.h>\n", capture_output=True, check=False
        ).returncode:
            raise Unavailable("the py peer needs the headers of GMP (gmp.h) to build fastecdsa")
        python = str(_moved(str(folder / "venv" / "bin" / "python"), folder))
        build.fetch(folder, sys.executable, "-m", "venv", "venv")
        build.fetch(folder, "venv/bin/python", "-m", "pip", "install", "--quiet", "--requirement", "requirements.txt")
    (folder / "run").write_text(f'#!/bin/sh\nexec "{python}" "$(dirname "$0")/pylibp2p_peer.py" "$@"\n')
    (folder / "run").chmod(0o755)


def _has_pylibp2p(python: str) -> bool:
    try:
        asked = subprocess.run([python, "-c", "import libp2p, trio"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


_BUILDERS: dict[str, Callable[[Path, Build], None]] = {
    "go": _build_go,
    "js": _build_js,
    "rust": _build_rust,
    "py": _build_py,
}
_COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "go": lambda folder: [str(folder / "peer")],
    "js": lambda folder: [str(folder / "run")],
    "rust": lambda folder: [str(folder / "peer")],
    "py": lambda folder: [str(folder / "run")],
}


def main() -> int:
    """Build all, and say what came of it."""
    failed = 0
    for name in _BUILDERS:
        try:
            print(f"{name}: {program(name)[0]}", flush=True)
        except (Unavailable, BuildError) as error:
            failed += isinstance(error, BuildError)
            print(f"{name}: {error}", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
