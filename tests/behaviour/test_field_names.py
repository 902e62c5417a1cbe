"""Fields with names that Pydantic's own methods have are stored, found, sorted and changed."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from runic.ogm.model import Edge, Node, Registry, Relation
from runic.ogm.query import col, select, update

REGISTRY = Registry()

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)

    class Join(Edge, registry=REGISTRY):
        """An edge with such a field."""

        json: str = ""

    class Table(Node, registry=REGISTRY):
        """A node with such fields."""

        id: str
        schema: str = "public"
        copy: int = 0
        dict: str | None = None
        validate: bool = False
        joins: list[Table] = Relation("JOIN", edge_model=Join)


async def _stored(session: Any) -> None:
    one, other = Table(id="1", copy=2, dict="a"), Table(id="2", schema="own", copy=1)
    session.add_all([one, other, Join(source=one, target=other, json="on")])
    await session.commit()


@pytest.mark.parametrize(
    ("name", "value", "ids"),
    [
        ("schema", "public", ["1"]),
        ("copy", 1, ["2"]),
        ("dict", "a", ["1"]),
        ("validate", False, ["1", "2"]),
    ],
)
async def test_criteria(session, name, value, ids):
    """Criteria by expression, by name and through col() find what holds the value."""
    await _stored(session)
    field = getattr(Table, name)
    for criterion in (field == value, col(field) == value, field.in_([value])):
        found = await session.scalars(select(Table).where(criterion).order_by("id"))
        assert [table.id for table in found] == ids
    found = await session.repository(Table).find_by(**{name: value})
    assert sorted(table.id for table in found) == ids


async def test_order_and_changes(session, new_session):
    """They sort, are set by statements and by assignment, and come back."""
    await _stored(session)
    for order in ("copy", Table.copy):
        found = await session.scalars(select(Table).order_by(order))
        assert [table.id for table in found] == ["2", "1"]
    await session.execute(update(Table).where(Table.schema == "own").values(schema="set", copy=9))
    found[1].dict = "b"
    await session.commit()
    read = await new_session().scalars(select(Table).order_by(Table.id))
    assert [(table.schema, table.copy, table.dict) for table in read] == [
        ("public", 2, "b"),
        ("set", 9, None),
    ]


async def test_edges(session):
    """Edges have them, too."""
    await _stored(session)
    stmt = select(Table).traverse(Table.joins, edge_alias="j").where(Join.json == "on", on="j")
    assert [table.id for table in await session.scalars(stmt)] == ["1"]
