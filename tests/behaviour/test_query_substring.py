"""Parts of text count characters, in every script, wherever they stand.

FalkorDB's own `substring` reads bytes of the wrong places of text beyond ASCII, and may end the
server; so each answer is asked for many times over.
"""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm import Node, Registry, col
from runic.ogm.errors import OgmError
from runic.ogm.query import left, length, lower, right, select, substring, update, upper, var
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Text(Node, registry=REGISTRY):
    """Something with a text."""

    id: int
    name: str | None = None
    at: int = 0
    part: str | None = None


TEXTS = ["日本", "x", "", "ünï", "ab", None, "aé日b" * 9, "\U0001d4b3-1", "Straße 12"]
BOUNDS = [(0, None), (1, None), (2, None), (40, None), (0, 0), (0, 1), (1, 2), (2, 50)]


@pytest.fixture
async def texts(session: Any) -> Any:
    """Return a session on the texts."""
    session.add_all([Text(id=n, name=text, at=n % 3) for n, text in enumerate(TEXTS)])
    await session.commit()
    session.expunge_all()
    return session


def _part(text: str | None, start: int, count: int | None) -> str | None:
    return None if text is None else text[start:][:count]


@pytest.mark.parametrize(("start", "count"), BOUNDS)
async def test_parts_of_text(texts: Any, start: int, count: int | None) -> None:
    """As a column, a criterion, in an order and inside of other functions."""
    part = substring(Text.name, start, count)
    wanted = [_part(text, start, count) for text in TEXTS]
    stmt = select(Text).order_by(Text.id).project(part.as_("t"), length(part).as_("size"))
    inner = substring(lower(upper(Text.name)), start, count)
    for _ in range(5):
        rows = await texts.all_rows(stmt)
        assert [row["t"] for row in rows] == wanted
        assert [row["size"] for row in rows] == [None if t is None else len(t) for t in wanted]
        for each in set(wanted) - {None}:
            found = await texts.scalars(select(Text).where(part == each))
            assert sorted(text.id for text in found) == [
                n for n, t in enumerate(wanted) if t == each
            ]
        made = await texts.all_rows(select(Text).where(Text.id == 3).project(inner.as_("t")))
        assert made == [{"t": _part("ünï", start, count)}]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 37, 60, 1000])
async def test_ends_of_text(texts: Any, count: int) -> None:
    """The first and the last characters, however many there are in how many bytes."""
    first, last = left(Text.name, count), right(upper(lower(Text.name)), count)

    stmt = select(Text).where(Text.id < 8).order_by(Text.id)
    for _ in range(20):
        rows = await texts.all_rows(stmt.project(first.as_("a"), last.as_("b")))
        assert [row["a"] for row in rows] == [t if t is None else t[:count] for t in TEXTS[:8]]
        assert [row["b"] for row in rows] == [
            t if t is None else t.upper()[len(t) - min(count, len(t)) :] for t in TEXTS[:8]
        ]
        for text in ("日本", "aé日b" * 9):
            found = await texts.scalars(
                select(Text).where(first == text[:count], Text.name == text)
            )
            assert len(found) == 1


async def test_bounds_of_each_row(texts: Any) -> None:
    """Bounds may be fields, values of stages and expressions; parts may have parts."""
    stmt = select(Text).order_by(Text.id).with_("n", col(Text.at).as_("k"))
    rows = await texts.all_rows(
        stmt.order_by(Text.id).project(
            substring(Text.name, Text.at).as_("a"),
            substring(Text.name, var("k") + 1, var("k")).as_("b"),
            substring(substring(col(Text.name) + "ß日", 1), Text.at, 2).as_("c"),
        )
    )
    for n, (text, row) in enumerate(zip(TEXTS, rows, strict=True)):
        k = n % 3
        assert row["a"] == _part(text, k, None)
        assert row["b"] == _part(text, k + 1, k)
        assert row["c"] == (None if text is None else _part((text + "ß日")[1:], k, 2))


async def test_parts_are_written(texts: Any, driver: Any) -> None:
    """A set-based change stores the part."""
    named = update(Text).where(col(Text.name).is_not_null())
    await texts.execute(named.values(part=substring(Text.name, 1)))
    await texts.commit()
    stored = await cypher(driver, "MATCH (n:Text) RETURN n.part ORDER BY n.id")
    assert [text for (text,) in stored] == [_part(text, 1, None) for text in TEXTS]


@pytest.mark.backend("falkordb")
@pytest.mark.parametrize("bounds", [(-1,), (0, -1), (-2, 1)])
async def test_a_bound_below_nothing_is_an_error(texts: Any, bounds: tuple[int, ...]) -> None:
    """A start or a length below 0 is refused by the server, as it is by `substring`."""
    stmt = select(Text).where(Text.id == 0).project(substring(Text.name, *bounds).as_("t"))
    with pytest.raises(OgmError, match="non-negative"):
        await texts.all_rows(stmt)
