"""Functions and criteria of text that are given an empty one, or ask for nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm import Edge, Node, Registry, Relation, select, update
from runic.ogm.query import col, left, length, param, replace, right, split, substring
from runic.ogm.query.params import parameter_names

REGISTRY = Registry()
TEXTS = ["", "a", "abc", "日本", "é😀x", "aXbXc", "X", " ", None]


class Sent(Edge, registry=REGISTRY):
    """An edge with text."""

    text: str | None = None
    empty: str = ""
    none: str | None = None


class Note(Node, registry=REGISTRY):
    """A node with text."""

    id: int
    text: str | None = None
    empty: str = ""
    none: str | None = None
    made: str | None = None
    sent: list[Note] = Relation("SENT", edge_model=Sent)


# How an empty text is said.
EMPTY: dict[str, Callable[[Any], Any]] = {
    "value": lambda cls: "",
    "parameter": lambda cls: param("empty"),
    "field": lambda cls: col(cls.empty),
    "function": lambda cls: left(col(cls.text), 0),
}


def _asked(cls: Any, empty: Any) -> dict[str, tuple[Any, Callable[[str], Any]]]:
    text = col(cls.text)
    return {
        "replace nothing": (replace(text, empty, "ü"), lambda t: t),
        "replace nothing by nothing": (replace(text, empty, empty), lambda t: t),
        "replace by nothing": (replace(text, "X", empty), lambda t: t.replace("X", "")),
        "replace all": (replace(text, text, "ü"), lambda t: "ü" if t else ""),
        "replace by none": (replace(text, empty, col(cls.none)), lambda t: None),
        "replace none": (replace(text, col(cls.none), "ü"), lambda t: None),
        "replace twice": (
            replace(replace(text, empty, "ü"), "X", empty),
            lambda t: t.replace("X", ""),
        ),
        "split": (split(text, "X"), lambda t: t.split("X")),
        "split by nothing": (split(text, empty), lambda t: list(t) or [""]),
        "left": (left(text, 0), lambda t: ""),
        "right": (right(text, 0), lambda t: ""),
        "substring": (substring(text, 0, 0), lambda t: ""),
        "beyond": (substring(text, 9), lambda t: ""),
        "length": (length(left(text, 0)), lambda t: 0),
    }


NAMES = list(_asked(Note, ""))


@pytest.fixture
async def notes(session: Any) -> Any:
    """Return a session on a node and an edge of each text."""
    nodes = [Note(id=number, text=text) for number, text in enumerate(TEXTS)]
    session.add_all([*nodes, *(Sent(source=n, target=n, text=n.text) for n in nodes)])
    await session.commit()
    return session


def _bound(stmt: Any) -> Any:
    return stmt.bind(empty="") if parameter_names(stmt.all_values()) else stmt


@pytest.mark.parametrize("how", EMPTY)
@pytest.mark.parametrize("name", NAMES)
async def test_values(notes: Any, name: str, how: str) -> None:
    """Nodes and edges give what Python does, where replacing nothing leaves text as it is."""
    wanted = [None if t is None else _asked(Note, "")[name][1](t) for t in TEXTS]
    stmt = select(Note).order_by("n.id")
    for cls, of in ((Note, stmt), (Sent, stmt.traverse(Note.sent, edge_alias="e").alias("m"))):
        made = _asked(cls, EMPTY[how](cls))[name][0].as_("v")
        rows = await notes.all_rows(_bound(of.project(made)))
        assert [row["v"] for row in rows] == wanted


@pytest.mark.parametrize("how", EMPTY)
async def test_found_and_written(notes: Any, how: str) -> None:
    """Criteria and updates by what comes of replacing nothing."""
    made = replace(col(Note.text), EMPTY[how](Note), "ü")
    stmt = _bound(select(Note).where(made == "日本"))
    assert [note.id for note in await notes.scalars(stmt)] == [3]
    await notes.execute(_bound(update(Note).values(made=made)))
    rows = await notes.all_rows(select(Note).order_by(Note.id).project(Note.made.as_("v")))  # type: ignore[union-attr]
    assert [row["v"] for row in rows] == TEXTS


@pytest.mark.parametrize("name", ["contains", "startswith", "endswith"])
async def test_every_text_has_the_empty_one(notes: Any, name: str) -> None:
    """The empty text is at the start, at the end and inside of every text."""
    found = await notes.scalars(select(Note).where(getattr(col(Note.text), name)("")))
    assert sorted(note.id for note in found) == list(range(len(TEXTS) - 1))
