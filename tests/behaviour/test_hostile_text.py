"""No text changes what a query means: it comes back as it was written, or it is refused.

A graph with canaries stands beside everything that is done with hostile names and values; it is
the same afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runic.ogm.errors import OgmError, StatementError
from runic.ogm.model import Edge, Field, Node, Registry, Relation
from runic.ogm.query import (
    col,
    connect,
    count,
    delete,
    insert,
    literal,
    map_,
    merge,
    param,
    select,
    text,
    update,
    var,
)
from tests.behaviour.graphs import cypher
from tests.behaviour.hostile import (
    HOSTILE,
    SAMPLE,
    UNSTORABLE,
    Box,
    Held,
    Named,
    refused,
    without,
)


def numbered() -> list[Box]:
    """Return a box for each text."""
    return [
        Box(id=n, text=each, tags=[each, "x"], data={each: each}) for n, each in enumerate(HOSTILE)
    ]


def test_there_are_enough_of_them() -> None:
    """A thousand, all different."""
    assert len(HOSTILE) >= 1000


async def test_values_come_back_as_they_were_written(guarded: Any, new_session: Any) -> None:
    """By the session, in fields, lists and maps; found again by equality."""
    guarded.add_all(numbered())
    await guarded.commit()
    fresh = new_session()
    for box in await fresh.scalars(select(Box)):
        wanted = HOSTILE[box.id]
        assert (box.text, box.tags, box.data) == (wanted, [wanted, "x"], {wanted: wanted})
    for n, each in list(enumerate(HOSTILE))[::12]:
        stmt = select(Box).where(Box.text == each).project(Box.id.as_("id"))
        assert await fresh.all_rows(stmt) == [{"id": n}], each
    assert await fresh.count(select(Box).where(Box.text.in_(HOSTILE))) == len(HOSTILE)


async def test_text_is_searched_for_as_it_is(guarded: Any) -> None:
    """Beginning, end and part of a text, and items of lists."""
    guarded.add_all(numbered())
    await guarded.commit()
    for each in HOSTILE[::36]:
        for what, test in (
            ("contains", lambda t, e=each: e in t),
            ("startswith", lambda t, e=each: t.startswith(e)),
            ("endswith", lambda t, e=each: t.endswith(e)),
        ):
            stmt = select(Box).where(getattr(Box.text, what)(each))
            assert await guarded.count(stmt) == sum(map(test, HOSTILE)), (what, each)
        assert await guarded.count(select(Box).where(Box.tags.contains(each))) == 1 + (each == "x")


async def test_statements_write_what_they_are_given(guarded: Any) -> None:
    """insert, update, merge, connect and delete, of values alone and in raw text."""
    rows = [{"id": n, "text": each} for n, each in enumerate(HOSTILE)]
    assert (await guarded.execute(insert(Box).values(rows))).affected == len(HOSTILE)
    shifted = [{"id": n, "text": each} for n, each in enumerate(reversed(HOSTILE))]
    await guarded.execute(merge(Box).values(shifted))
    found = await cypher(guarded, "MATCH (n:Box) RETURN n.text ORDER BY n.id")
    assert [value for (value,) in found] == HOSTILE[::-1]
    for each in HOSTILE[::80]:
        await guarded.execute(update(Box).where(Box.id == 0).values(text=each))
        (row,) = await guarded.all_rows(
            select(Box)
            .where(Box.id == 0, text("n.text = $x", x=each), Box.text == param("x"))
            .bind(x=each)
            .project(literal(each).as_("a"), map_(a=each).as_("b"), Box.text.as_("c"))
        )
        assert row == {"a": each, "b": {"a": each}, "c": each}
        joined = connect(Box.holds).where(Box.id == 0, on="source").where(Box.id == 1, on="target")
        await guarded.execute(joined.values(note=each))
        notes = select(Box).traverse(Box.holds, edge_alias="e").where(Held.note == each)
        assert await guarded.count(notes) == 1
    await guarded.execute(delete(Box).where(Box.text.in_(HOSTILE)))
    assert await guarded.count(select(Box)) == 0


async def test_keys_are_kept_or_refused(guarded: Any, new_session: Any) -> None:
    """A key that the database would lose is refused; all others are found again."""
    kept = []
    for each in [*HOSTILE[::3], *UNSTORABLE]:
        found = refused(lambda key=each: insert(Named).values([{"key": key}]))
        if found is not None:
            try:
                await guarded.execute(found)
            except OgmError:
                continue
            kept.append(each)
    assert len(kept) > 300
    await guarded.commit()
    fresh = new_session()
    for each in kept[::4]:
        entity = await fresh.get(Named, each)
        assert entity.key == each
    for each in UNSTORABLE:
        with pytest.raises(OgmError):
            await fresh.get(Named, each)


async def test_unstorable_text_is_refused(guarded: Any) -> None:
    """A NUL, or half of a surrogate pair, is an error before anything is sent."""
    for each in UNSTORABLE:
        for stmt in (
            lambda e=each: select(Box).where(Box.text == e),
            lambda e=each: select(Box).where(Box.text.contains(e)),
            lambda e=each: select(Box).where(Box.text.in_([e])),
        ):
            with pytest.raises(OgmError):
                await guarded.scalars(stmt())
        with pytest.raises(OgmError):
            await guarded.execute(update(Box).values(text=each))
        with pytest.raises(OgmError):
            await guarded.execute("RETURN $x", {"x": each})


async def test_columns_are_named_as_they_are_or_refused(guarded: Any) -> None:
    """as_, with_ and unwind: the name is the key of the row."""
    await guarded.execute(insert(Box).values([{"id": 0, "text": "x", "tags": ["t"]}]))
    for each in HOSTILE[::6]:
        stmt = refused(lambda name=each: select(Box).project(Box.text.as_(name)))
        if stmt is not None:
            assert await guarded.all_rows(stmt) == [{each: "x"}], each
    for each in UNSTORABLE:
        with pytest.raises(OgmError):
            await guarded.all_rows(select(Box).project(Box.text.as_(each)))
    for each in without(SAMPLE, *UNSTORABLE):
        for make in (
            lambda n: select(Box).with_("n", Box.text.as_(n)).project(var(n).as_("a")),
            lambda n: select(Box).unwind(Box.tags, n).project(var(n).as_("a")),
            lambda n: select(Box).aggregate(count("*").as_(n)).order_by(n),
        ):
            stmt = refused(lambda name=each, make=make: make(name))
            if stmt is not None:
                (row,) = await guarded.all_rows(stmt)
                assert next(iter(row.values())) in ("x", "t", 1), each


async def test_aliases_are_plain_or_refused(guarded: Any) -> None:
    """Aliases of nodes, edges and paths, and the names that later calls use."""
    await guarded.execute(insert(Box).values([{"id": 0}]))
    for each in SAMPLE:
        for make in (
            lambda n: select(Box).alias(n),
            lambda n: select(Box).traverse(Box.holds, edge_alias=n, optional=True),
            lambda n: select(Box).repeat(Box.holds, path_alias=n, min_hops=0, max_hops=1),
        ):
            stmt = refused(lambda name=each, make=make: make(name))
            assert stmt is None or await guarded.count(stmt) == 1, each


async def test_names_that_must_be_known_are_refused(guarded: Any) -> None:
    """Fields, paths, aliases and parameters that a statement does not have raise StatementError."""
    for each in HOSTILE:
        if each in ("id", "text", "n", "-text", "n.text", "*"):
            continue
        for make in _KNOWN:
            with pytest.raises(StatementError):
                make(each)
    for each in SAMPLE:
        with pytest.raises(OgmError):
            await guarded.page(select(Box), after=each)


_KNOWN: list[Callable[[str], Any]] = [
    lambda n: select(Box).order_by(n),
    lambda n: select(Box).project(n),
    lambda n: select(Box).aggregate(count("*"), group_by=n),
    lambda n: select(Box).fetch(n),
    lambda n: select(Box).traverse(n),
    lambda n: select(Box).where(Box.text == "x", on=n),
    lambda n: select(Box).where(col(Box.text).on(n) == "x"),
    lambda n: select(Box).return_target(n),
    lambda n: select(Box).return_nodes(n),
    lambda n: select(Box).where(Box.text == param("x")).bind(**{n: 1}),
    lambda n: update(Box).values(**{n: "x"}),
    lambda n: insert(Box).values([{"id": 1, n: "x"}]),
]


async def test_labels_types_and_properties_are_quoted_or_refused(guarded: Any) -> None:
    """What a model declares stands in the database as it was written."""
    for number, each in enumerate(SAMPLE[::2]):
        made = refused(lambda name=each, n=number: declared(name, n))
        if made is None:
            continue
        thing, link = made
        one, other = thing(id="1", value="x"), thing(id="2", value=each)
        one.next = [link(note=each, target=other)]
        try:
            guarded.add_all([one, other])
            await guarded.commit()
        except OgmError:
            await guarded.rollback()
            continue
        guarded.expunge_all()
        found = await guarded.scalars(select(thing).order_by("value").fetch("next"))
        assert sorted(each_found.value for each_found in found) == sorted(["x", each])
        ((node,),) = await cypher(guarded, "MATCH (n) WHERE n.id = '1' RETURN n")
        assert list(node.labels) == [each]
        assert each in node.properties
        types = await cypher(guarded, "MATCH ({id: '1'})-[e]->() RETURN type(e), e.note")
        assert types == [[each, each]]
        await guarded.execute(delete(thing))
        await guarded.commit()


def declared(name: str, number: int) -> tuple[Any, Any]:
    """Return a node class and an edge class that bear a name everywhere they can."""
    registry = Registry()
    link: Any = type(Edge)(
        f"Link{number}",
        (Edge,),
        {"__annotations__": {"note": str}, "__module__": __name__, "note": ""},
        type=name,
        registry=registry,
    )
    thing: Any = type(Node)(
        f"Thing{number}",
        (Node,),
        {
            "__annotations__": {"id": str, "value": str, "next": list[link]},
            "__module__": __name__,
            "value": Field("", property=name),
            "next": Relation(name, target=f"Thing{number}"),
        },
        labels=[name],
        registry=registry,
    )
    return thing, link


async def test_sessions_take_names_that_they_know_only(guarded: Any) -> None:
    """relate, load, find_by and the like raise for names, and run with values."""
    box = Box(id=1)
    guarded.add(box)
    await guarded.commit()
    for each in without(SAMPLE, "text", "id"):
        with pytest.raises(OgmError):
            await guarded.load(box, each)
        with pytest.raises(OgmError):
            await guarded.relate(box, each, box)
        with pytest.raises(OgmError):
            await guarded.repository(Box).find_by(**{each: 1})
        with pytest.raises(OgmError):
            await guarded.get(Box, 1, fetch=[each])
    for each in without(SAMPLE, *UNSTORABLE):
        assert await guarded.repository(Box).find_by(text=each) == []
