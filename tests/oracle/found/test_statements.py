"""Statements that found something else than plain Python, in their smallest form."""

from __future__ import annotations

from typing import Any

from runic.ogm.query import case, for_each, length, select
from tests.oracle.statements.models import Being


async def test_a_comprehension_of_a_missing_list_is_missing(session: Any) -> None:
    """Whether the list is a field or made of one: AGE had no items, or one that is missing."""
    session.add(Being(id="b", numbers=None))
    await session.commit()
    nowhere = case().when(Being.id == "a", Being.tags)
    stmt = select(Being).project(
        for_each(Being.numbers, lambda n: n + 1).as_("field"),
        for_each(nowhere, length).as_("made"),
        for_each(Being.tags, length).as_("empty"),
    )
    assert await session.all_rows(stmt) == [{"field": None, "made": None, "empty": []}]
