"""Lists whose items are compared with what an optional hop may not have found.

Every expression of a list, in criteria and in columns, straight and negated. What was not found is
null, and what openCypher makes of null is wanted: neither true nor false, where an item decides.
FalkorDB takes the value of the row before for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from runic.ogm import Field, Node, Registry, Relation, UnsupportedFeatureError, col
from runic.ogm.query import (
    all_items,
    any_item,
    case,
    coalesce,
    count,
    for_each,
    length,
    list_,
    no_item,
    reduce_,
    select,
    single_item,
    var,
)
from runic.ogm.query.lists import Reduction

REGISTRY = Registry()


class Badge(Node, registry=REGISTRY):
    """What somebody may have."""

    id: int
    v: int = 0
    tags: list[str] = Field(default_factory=list)


class Owner(Node, registry=REGISTRY):
    """Somebody."""

    id: int
    x: int = 1
    has: list[Badge] = Relation("HAS")


BADGES: dict[int, tuple[int, list[str]] | None] = {
    1: (1, ["x"]), 2: None, 3: (2, ["a", "b"]), 4: None, 5: (9, []), 6: None,
}  # fmt: skip
Found = tuple[int, list[str]] | None


@pytest.fixture
async def owners(session: Any) -> Any:
    """Return a session on owners with a badge each, or none."""
    made = [
        Owner(id=n, has=[] if b is None else [Badge(id=n, v=b[0], tags=b[1])])
        for n, b in BADGES.items()
    ]
    session.add_all(made)
    await session.commit()
    session.expunge_all()
    return session


TAGS, V = col(Badge.tags).on("m"), col(Badge.v).on("m")


def _equal(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a == b


def _v(found: Found) -> int | None:
    return None if found is None else found[0]


def _in(item: Any, found: Found) -> bool | None:
    return None if found is None else item in found[1]


def _any(answers: Iterable[bool | None]) -> bool | None:
    listed = list(answers)
    return True if True in listed else (None if None in listed else False)


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _all(answers: Iterable[bool | None]) -> bool | None:
    return _not(_any(map(_not, answers)))


def _single(answers: Iterable[bool | None]) -> bool | None:
    listed = list(answers)
    if listed.count(True) > 1:
        return False
    return None if None in listed else listed.count(True) == 1


CRITERIA: dict[str, tuple[Any, Callable[[Found], bool | None]]] = {
    "any of": (TAGS.any_of(["x", "q"]), lambda m: _any([_in("x", m), _in("q", m)])),
    "all of": (TAGS.all_of(["a", "b"]), lambda m: _all([_in("a", m), _in("b", m)])),
    "any": (any_item([1, 9], lambda t: t == V), lambda m: _any(_equal(n, _v(m)) for n in (1, 9))),
    "all": (all_items([1, 1], lambda t: t == V), lambda m: _equal(1, _v(m))),
    "none": (no_item([1], lambda t: t == V), lambda m: _not(_equal(1, _v(m)))),
    "single": (single_item([1, 2], lambda t: t == V),
               lambda m: _single(_equal(n, _v(m)) for n in (1, 2))),
    "is missing": (any_item([1], lambda t: V.is_null()), lambda m: m is None),
    "is there": (all_items([1, 2], lambda t: V.is_not_null()), lambda m: m is not None),
    "instead": (any_item([7], lambda t: coalesce(V, 7) == t), lambda m: m is None),
    "both nodes": (any_item([1], lambda t: (t == col(Owner.x).on("n")) & (V == 1)),
                   lambda m: _equal(_v(m), 1)),
    "inside": (any_item([1, 2], lambda t: any_item([9, 2], lambda u: (u == V) & (t > 0))),
               lambda m: _any(_equal(n, _v(m)) for n in (9, 2))),
    "of items": (length(for_each([1, 2], where=lambda t: t == V)) == 1,
                 lambda m: m is not None and m[0] in (1, 2)),
    "of a node's": (any_item(TAGS, lambda t: (t == "x") & (V == 1)),
                    lambda m: None if m is None else "x" in m[1]),
    "nothing in": (any_item(list_(), lambda t: t == V), lambda m: False),
}  # fmt: skip
HOP = select(Owner).traverse(Owner.has, optional=True).alias("m")
STAGES: dict[str, Any] = {
    "carried": HOP.with_("n", "m"),
    "sorted": HOP.order_by(Owner.id).with_("n", "m"),
    "sorted down": HOP.order_by(Owner.id, desc=True).limit(5).with_("n", "m"),
    "with a value": HOP.with_("n", "m", V.as_("v")),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", CRITERIA)
async def test_criteria_on_items(owners: Any, name: str, stage: str) -> None:
    """A row stays where a criterion, or its negation, is true of its own elements."""
    criterion, answer = CRITERIA[name]
    some = [n for n in BADGES if stage != "sorted down" or n > 1]
    for asked, wanted in ((criterion, answer), (~criterion, lambda m: _not(answer(m)))):
        stmt = STAGES[stage].where(asked)
        kept = [n for n in some if wanted(BADGES[n]) is True]
        assert sorted(o.id for o in await owners.scalars(stmt)) == kept, stmt
        assert await owners.all_rows(stmt.aggregate(count("*").as_("c"))) == [{"c": len(kept)}]


@pytest.mark.parametrize("stage", ["none", *STAGES])
@pytest.mark.parametrize("name", CRITERIA)
async def test_criteria_on_items_as_values(owners: Any, name: str, stage: str) -> None:
    """A case that asks is decided by the elements of its own row."""
    criterion, answer = CRITERIA[name]
    told = case().when(criterion, "yes").when(~criterion, "no").otherwise("null")
    stmt = (STAGES[stage] if stage != "none" else HOP).project(
        col(Owner.id).on("n").as_("i"), told.as_("t")
    )
    words = {True: "yes", False: "no", None: "null"}
    rows = {row["i"]: row["t"] for row in await owners.all_rows(stmt)}
    assert rows == {n: words[answer(BADGES[n])] for n in rows}
    assert len(rows) == (5 if stage == "sorted down" else 6)


LISTS: dict[str, tuple[Any, Callable[[Found], Any]]] = {
    "kept": (for_each([1, 2], where=lambda t: t == V),
             lambda m: [n for n in (1, 2) if _equal(n, _v(m))]),
    "made": (for_each([1, 2], lambda t: coalesce(V, 5) + t),
             lambda m: [(5 if m is None else m[0]) + n for n in (1, 2)]),
    "added": (reduce_([1, 2], 0, lambda sum, t: sum + t + coalesce(V, 10)),
              lambda m: 3 + 2 * (10 if m is None else m[0])),
    "added null": (reduce_([1, 2], 0, lambda sum, t: sum + t + V),
                   lambda m: None if m is None else 3 + 2 * m[0]),
    "begun with": (reduce_([1], V, lambda sum, t: sum + t),
                   lambda m: None if m is None else m[0] + 1),
}  # fmt: skip


@pytest.mark.parametrize("stage", ["none", *STAGES])
@pytest.mark.parametrize("name", LISTS)
async def test_lists_made_of_lists(owners: Any, name: str, stage: str) -> None:
    """Comprehensions and reductions are made of the elements of their own row."""
    made, answer = LISTS[name]
    if isinstance(made, Reduction) and owners.driver.dialect.name == "age":
        with pytest.raises(UnsupportedFeatureError, match="reduce_"):
            await owners.all_rows(HOP.project(made.as_("l")))
        return
    stmt = (STAGES[stage] if stage != "none" else HOP).project(
        col(Owner.id).on("n").as_("i"), made.as_("l")
    )
    rows = {row["i"]: row["l"] for row in await owners.all_rows(stmt)}
    assert rows == {n: answer(BADGES[n]) for n in rows}
    named = (STAGES[stage] if stage != "none" else HOP).with_("n", made.as_("l"))
    wanted = answer(BADGES[3])
    kept = await owners.all_rows(
        named.where(var("l") == wanted).project(col(Owner.id).on("n").as_("i"))
    )
    assert sorted(row["i"] for row in kept) == [n for n in rows if answer(BADGES[n]) == wanted]
