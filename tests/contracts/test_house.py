"""One word a thing, and one thing a word: names of classes and of files."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2] / "runic" / "ogm"
FILES = sorted(path for path in ROOT.rglob("*.py") if path.stem != "__init__")

# One concept in several layers: the database's and the client's, the values and the statement.
SAME_CONCEPT = {
    "capabilities.py",  # those of a dialect, and of every backend of the package
    "decode.py",
    "definitions.py",
    "dialect.py",
    "driver.py",
    "encode.py",
    "factory.py",
    "failures.py",
    "manager.py",  # of sessions, of a schema
    "registry.py",  # of classes, of drivers
    "search.py",  # the statement, and the one that a session has bound
    "server.py",
    "sql.py",
    "to_one.py",
    "transaction.py",
    "transactions.py",  # of a session, and the tests of a driver's
    "values.py",
}


def classes() -> Iterator[tuple[str, Path]]:
    """Yield every class with its file; a class of two branches is one."""
    for path in FILES:
        names = {
            n.name for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ClassDef)
        }
        yield from ((name, path) for name in names)


def test_no_class_name_is_used_twice() -> None:
    """A name in a traceback, a search or a conversation means one class."""
    places = defaultdict(list)
    for name, path in classes():
        places[name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_file_name_is_used_twice_for_one_concept_only() -> None:
    """Where two layers have something of one name, it is the same thing seen from both."""
    places = defaultdict(list)
    for path in FILES:
        places[path.name].append(str(path.relative_to(ROOT)))
    twice = {name for name, found in places.items() if len(found) > 1}
    assert twice == SAME_CONCEPT
