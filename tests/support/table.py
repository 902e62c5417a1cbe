"""The tables of docs/support.md: what each dialect says it can, and what the last test run said.

`python -m tests.support` prints them and, with --write, puts them into the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from runic.ogm import create_driver
from runic.ogm.query.capabilities import Capabilities, Feature
from tests.backends import Target, faces_of
from tests.support import record

PAGE = Path(__file__).parents[2] / "docs" / "support.md"
_BEGIN = "<!-- made by python -m tests.support --write -->\n"
_END = "<!-- end -->\n"

NAMES = {
    "falkordb": "FalkorDB",
    "neo4j": "Neo4j",
    "memgraph": "Memgraph",
    "arcadedb": "ArcadeDB",
    "age": "Apache AGE",
}
_MEANING: dict[Feature, str] = {
    "async": "`AsyncSession`, beside `Session`",
    "transactions": "transactions over several statements",
    "savepoints": "savepoints: `begin_nested`",
    "atomic_plan": "a commit is one statement",
    "read_only": "what is sent as a read cannot write",
    "timeouts": "timeouts of queries",
    "constraints": "unique constraints",
    "required_constraints": "required constraints",
    "fulltext": "full-text search",
    "vector": "vector search",
    "geo": "distances of places",
    "regex": "regular expressions",
    "shortest_path": "shortest paths",
    "explain": "query plans",
    "subqueries": "subqueries: `call`",
    "several_labels": "nodes of several labels, natively",
    "any_names": "names of any characters",
    "mixed_lists": "lists of values of several types",
    "null_items": "items without a value in lists of a query",
}
FEATURES: tuple[Feature, ...] = get_args(Feature)


def tables() -> str:
    """Return both tables as Markdown."""
    return f"{_features()}\n{_runs()}"


def in_page() -> str:
    """Return what the page has between its two marks."""
    return PAGE.read_text().partition(_BEGIN)[2].partition(_END)[0].strip("\n") + "\n"


def write() -> None:
    """Put the tables into the page."""
    before, _, rest = PAGE.read_text().partition(_BEGIN)
    PAGE.write_text(f"{before}{_BEGIN}\n{tables()}\n{_END}{rest.partition(_END)[2]}")


def _features() -> str:
    has = {name: _capabilities(name) for name in NAMES}
    # In the order of the words; what is new and has none yet by its name.
    features = sorted(FEATURES, key=[*_MEANING, *FEATURES].index)
    rows = [
        [
            _MEANING.get(feature, f"`{feature}`"),
            *("yes" if feature in has[n] else "" for n in NAMES),
        ]
        for feature in features
    ]
    return _table(["", *NAMES.values()], rows)


def _capabilities(backend: str) -> Capabilities:
    return create_driver(f"{backend}://localhost").dialect.capabilities


def _runs() -> str:
    runs = record.read()
    rows = []
    for backend, name in NAMES.items():
        for face in faces_of(backend):
            label = f"{name}, {face}" if len(faces_of(backend)) > 1 else name
            run = runs.get(str(Target(backend, face)))
            rows.append([label, *(_cells(run) if run else [_without(backend), *[""] * 4])])
    return _table(["", "server", "run on", "passed", "failed", "skipped"], rows)


def _without(backend: str) -> str:
    # Nothing starts a Memgraph here: the page has to say so, whatever else the tests prove.
    return "no live server was used" if backend == "memgraph" else "no run is recorded"


def _cells(run: record.Run) -> Sequence[str]:
    skipped = [f"{count} for lack of {what}" for what, count in sorted(run["missing"].items())]
    skipped += [f"{count}: {reason}" for reason, count in sorted(run["other"].items())]
    return [run["server"], run["date"], str(run["passed"]), str(run["failed"]), "; ".join(skipped)]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
