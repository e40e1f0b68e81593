"""No module names another one in a circle, not even for type checkers: the contracts in setup.cfg leave those aside."""

from __future__ import annotations

import grimp

# An error carries the call that it is about, and a call raises errors.
ALLOWED = ("pyrum_sync.errors", "pyrum_sync.client.call")


def circle(graph: grimp.ImportGraph) -> list[str] | None:
    """Returns the modules of a circle; None if there is none."""
    done: set[str] = set()
    for start in sorted(graph.modules):
        path: list[str] = []
        stack = [(start, iter(sorted(graph.find_modules_directly_imported_by(start))))] if start not in done else []
        path += [start] if stack else []
        while stack:
            _, imported = stack[-1]
            following = next((each for each in imported if each not in done), None)
            if following is None:
                stack.pop()
                done.add(path.pop())
            elif following in path:
                return path[path.index(following) :]
            else:
                path.append(following)
                stack.append((following, iter(sorted(graph.find_modules_directly_imported_by(following)))))
    return None


def test_no_circle_but_that_of_calls_and_errors() -> None:
    graph = grimp.build_graph("pyrum_sync", cache_dir=None)
    importer, imported = ALLOWED
    assert imported in graph.find_modules_directly_imported_by(importer), "the exception is needed"
    graph.remove_import(importer=importer, imported=imported)
    assert circle(graph) is None


def test_a_circle_is_found() -> None:
    graph = grimp.build_graph("pyrum_sync", cache_dir=None)
    importer, imported = ALLOWED
    graph.remove_import(importer=importer, imported=imported)
    graph.add_import(importer="pyrum_sync.errors", imported="pyrum_sync.cli.main")
    found = circle(graph)
    assert found is not None
    assert "pyrum_sync.errors" in found
