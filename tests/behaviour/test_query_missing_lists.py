"""What is made of the items of a list that is missing: none, and nothing is known of them."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm import Node, Registry, case, select, var
from runic.ogm.query import (
    all_items,
    any_item,
    for_each,
    length,
    literal,
    no_item,
    single_item,
    upper,
)

REGISTRY = Registry()


class Note(Node, registry=REGISTRY):
    """A note with or without a list."""

    id: str
    tags: list[str] | None = None
    sizes: list[int] | None = None


MADE = {
    "text": lambda: for_each(Note.tags, lambda tag: upper(tag) + "!"),
    "constant": lambda: for_each(Note.tags, lambda tag: literal(1)),
    "case": lambda: for_each(Note.tags, lambda tag: case().when(tag == "x", 1).otherwise(2)),
    "number": lambda: for_each(Note.sizes, lambda size: size + 1),
    "kept": lambda: for_each(Note.tags, where=lambda tag: tag != "x"),
    "kept where missing": lambda: for_each(Note.tags, where=lambda tag: tag.is_null()),
    "nested": lambda: for_each(
        for_each(Note.tags, lambda tag: upper(tag) + "!"), lambda t: length(t) + 1
    ),
    "of a stage": None,
}
ASKED = {
    "any": lambda each: any_item(Note.tags, each),
    "all": lambda each: all_items(Note.tags, each),
    "none": lambda each: no_item(Note.tags, each),
    "single": lambda each: single_item(Note.tags, each),
}
QUESTIONS: dict[str, Any] = {
    "equal": lambda tag: tag == "x",
    "missing": lambda tag: tag.is_null(),
    "there": lambda tag: tag.is_not_null(),
}


@pytest.fixture
async def notes(session):
    """A session on two notes, one of which has no lists."""
    session.add_all([Note(id="a"), Note(id="b", tags=["x", "y"], sizes=[1, 2])])
    await session.commit()
    return session


def _made(name: str) -> tuple[Any, Any]:
    """Return a statement and a list that is made in it."""
    if name != "of a stage":
        return select(Note), MADE[name]()
    stage = select(Note).with_("n", Note.tags.as_("all"))
    return stage, for_each(var("all"), lambda tag: literal(1))


@pytest.mark.parametrize("name", MADE)
async def test_of_a_missing_list_no_items_are_made(notes, name):
    """It is None, and no row comes of it."""
    stmt, made = _made(name)
    rows = await notes.all_rows(stmt.project("n.id", made.as_("made")))
    (missing,) = [row["made"] for row in rows if row["n.id"] == "a"]
    assert missing is None
    unwound = await notes.all_rows(stmt.unwind(made, "x").project("n.id", "x"))
    assert "a" not in [row["n.id"] for row in unwound]
    assert await notes.count(stmt.where(length(made) >= 1, Note.id == "a")) == 0


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("quantifier", ASKED)
async def test_of_the_items_of_a_missing_list_nothing_is_known(notes, quantifier, question):
    """Neither a criterion on them nor its negation holds."""
    asked = ASKED[quantifier](QUESTIONS[question])
    of_it = select(Note).where(Note.id == "a")
    assert await notes.count(of_it.where(asked)) == 0
    assert await notes.count(of_it.where(~asked)) == 0
    both = select(Note).where(Note.id == "b")
    assert await notes.count(both.where(asked)) + await notes.count(both.where(~asked)) == 1
