"""Hostile text in every place of the public interface that takes text.

`CALLS` has an entry for each of those places: it is called with text after text, and the graph
stays as it was. What is not in it is in `ELSEWHERE`, with the test or the reason. A place that is
in neither fails `test_every_place_is_looked_at`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import runic.ogm
from runic.ogm import query as q
from runic.ogm.errors import OgmError, StatementError
from runic.ogm.model import (
    Edge,
    Field,
    Node,
    Registry,
    Vector,
    VectorIndex,
    relation_is_partial,
)
from runic.ogm.query import (
    col,
    connect,
    count,
    insert,
    merge,
    param,
    select,
    text,
    update,
    within,
)
from runic.ogm.session import AsyncConnectionManager, ConnectionManager
from tests.behaviour.graphs import cypher, dump
from tests.behaviour.hostile import HOSTILE, SAMPLE, UNSTORABLE, Box, refused, without
from tests.faces import awaitable_face, call

REGISTRY = Registry()
pytestmark = pytest.mark.requires("fulltext", "vector")

TEXTS = [*without(SAMPLE, "id", "text")[::6], *UNSTORABLE]


class Leaf(Node, registry=REGISTRY):
    """Something that searches find."""

    id: int = Field(primary_key=True)
    text: str = Field("", fulltext=True)
    place: Vector | None = Field(None, vector=VectorIndex(dimension=2, similarity="euclidean"))


def boxes() -> Any:
    """Return a statement."""
    return select(Box)


# By method and parameter: what is done with a session, a box that it holds and a text.
CALLS: dict[str, Callable[[Any, Box, Any], Any]] = {
    "aggregate.aggregates": lambda s, b, t: s.all_rows(boxes().aggregate(t)),
    "aggregate.group_by": lambda s, b, t: s.all_rows(boxes().aggregate(count("*"), group_by=t)),
    "alias.name": lambda s, b, t: s.scalars(boxes().alias(t).where(Box.id == 1)),
    "all_of.options": lambda s, b, t: s.scalars(boxes().where(Box.tags.all_of([t]))),
    "any_of.options": lambda s, b, t: s.scalars(boxes().where(Box.tags.any_of([t]))),
    "as_.name": lambda s, b, t: s.all_rows(boxes().project(Box.text.as_(t))),
    "bind.values": lambda s, b, t: s.scalars(boxes().where(Box.text == param("x")).bind(x=t)),
    "contains.part": lambda s, b, t: s.scalars(boxes().where(Box.text.contains(t))),
    "count.equal": lambda s, b, t: s.repository(Box).count(**{t: t}),
    "cypher.params": lambda s, b, t: s.repository(Box).cypher("MATCH (n:Box) RETURN n", {t: t}),
    "endswith.suffix": lambda s, b, t: s.scalars(boxes().where(Box.text.endswith(t))),
    "execute.params": lambda s, b, t: s.execute("RETURN 1", {t: t}),
    "exists.pk": lambda s, b, t: s.repository(Box).exists(t),
    "explain.params": lambda s, b, t: s.explain("MATCH (n:Box) RETURN n", {t: t}),
    "fetch.paths": lambda s, b, t: s.scalars(boxes().fetch(t)),
    "find_all.fetch": lambda s, b, t: s.repository(Box).find_all(fetch=[t]),
    "find_all.order_by": lambda s, b, t: s.repository(Box).find_all(order_by=t),
    "find_by.equal": lambda s, b, t: s.repository(Box).find_by(**{t: t}),
    "find_by.fetch": lambda s, b, t: s.repository(Box).find_by(text="x", fetch=[t]),
    "find_by.order_by": lambda s, b, t: s.repository(Box).find_by(text="x", order_by=t),
    "first.fetch": lambda s, b, t: s.first(boxes(), fetch=t),
    "fulltext_search.fields": lambda s, b, t: s.fulltext_search(Leaf, "x", fields=[t]).all(),
    "fulltext_search.query": lambda s, b, t: s.fulltext_search(Leaf, t).all(),
    "get.fetch": lambda s, b, t: s.get(Box, 1, fetch=t),
    "get.pk": lambda s, b, t: s.get(Box, t),
    "hybrid_search.field": lambda s, b, t: s.hybrid_search(
        Leaf, "x", field=t, vector=[0.0, 1.0]
    ).all(),
    "hybrid_search.fields": lambda s, b, t: s.hybrid_search(
        Leaf, "x", field=Leaf.place, vector=[0.0, 1.0], fields=[t]
    ).all(),
    "hybrid_search.query": lambda s, b, t: s.hybrid_search(
        Leaf, t, field=Leaf.place, vector=[0.0, 1.0]
    ).all(),
    "in_.options": lambda s, b, t: s.scalars(boxes().where(Box.text.in_([t]))),
    "load.paths": lambda s, b, t: s.load(b, t),
    "matches.pattern": lambda s, b, t: s.scalars(boxes().where(Box.text.matches(t))),
    "not_in_.options": lambda s, b, t: s.scalars(boxes().where(Box.text.not_in_([t]))),
    "on.alias": lambda s, b, t: s.scalars(boxes().where(col(Box.text).on(t) == "x")),
    "on.fields": lambda s, b, t: s.execute(merge(Box).on(t).values([{"id": 1}])),
    "on_create.fields": lambda s, b, t: s.execute(
        merge(Box).values([{"id": 1}]).on_create(**{t: t})
    ),
    "on_match.fields": lambda s, b, t: s.execute(merge(Box).values([{"id": 1}]).on_match(**{t: t})),
    "one.fetch": lambda s, b, t: s.one(boxes().where(Box.id == 1), fetch=t),
    "order_by.by": lambda s, b, t: s.scalars(boxes().order_by(t)),
    "page.after": lambda s, b, t: s.page(boxes(), after=t),
    "page.equal": lambda s, b, t: s.repository(Box).page(**{t: t}),
    "page.fetch": lambda s, b, t: s.page(boxes(), fetch=t),
    "page.order_by": lambda s, b, t: s.repository(Box).page(order_by=t),
    "project.columns": lambda s, b, t: s.all_rows(boxes().project(t)),
    "relate.relation": lambda s, b, t: s.relate(b, t, b),
    "relate_many.rows": lambda s, b, t: s.relate_many([(b, t, b)]),
    "repeat.path_alias": lambda s, b, t: s.count(
        boxes().repeat(Box.holds, max_hops=1, path_alias=t)
    ),
    "repeat.relation": lambda s, b, t: s.count(boxes().repeat(t, max_hops=2)),
    "return_edge.alias": lambda s, b, t: s.scalars(boxes().traverse(Box.holds).return_edge(t)),
    "return_nodes.aliases": lambda s, b, t: s.scalars(boxes().return_nodes("n", t)),
    "return_path.alias": lambda s, b, t: s.scalars(
        boxes().repeat(Box.holds, max_hops=1).return_path(t)
    ),
    "return_target.alias": lambda s, b, t: s.scalars(boxes().traverse(Box.holds).return_target(t)),
    "returning.columns": lambda s, b, t: s.execute(
        update(Box).where(Box.id == 1).values(text="x").returning(t)
    ),
    "scalar.statement": lambda s, b, t: s.scalar(t if t in UNSTORABLE else boxes().project(t)),
    "scalars.fetch": lambda s, b, t: s.scalars(boxes(), fetch=[t]),
    "scalars_with_total.fetch": lambda s, b, t: s.scalars_with_total(boxes(), fetch=[t]),
    "startswith.prefix": lambda s, b, t: s.scalars(boxes().where(Box.text.startswith(t))),
    "traverse.edge_alias": lambda s, b, t: s.count(boxes().traverse(Box.holds, edge_alias=t)),
    "traverse.relation": lambda s, b, t: s.count(boxes().traverse(t)),
    "unrelate.relation": lambda s, b, t: s.unrelate(b, t, b),
    "unwind.items": lambda s, b, t: s.all_rows(boxes().unwind([t], "x").project(Box.text, "x")),
    "unwind.name": lambda s, b, t: s.count(boxes().unwind(Box.tags, t)),
    "values.fields": lambda s, b, t: s.execute(update(Box).where(Box.id == 9).values(**{t: t})),
    "values.rows": lambda s, b, t: s.execute(insert(Box).values([{"id": 9, t: t}])),
    "vector_search.field": lambda s, b, t: s.vector_search(Leaf, field=t, vector=[0.0, 1.0]).all(),
    "where.equal": lambda s, b, t: s.scalars(boxes().where(**{t: t})),
    "where.criteria": lambda s, b, t: s.scalars(boxes().where(t)),
    "where.on": lambda s, b, t: s.scalars(boxes().where(Box.text == "x", on=t)),
    "with_.columns": lambda s, b, t: s.all_rows(boxes().with_(t).project(count("*").as_("n"))),
}
CALLS |= {
    "col.value": lambda s, b, t: s.scalars(boxes().where(col(t) == "x")),
    "connect.relation": lambda s, b, t: s.execute(connect(t).where(Box.id == 1)),
    "disconnect.relation": lambda s, b, t: s.execute(q.disconnect(t).where(Box.id == 1)),
    "param.name": lambda s, b, t: s.scalars(boxes().where(Box.text == param(t)).bind(**{t: t})),
    "relation_is_partial.name": lambda s, b, t: relation_is_partial(b, t),
    "shortest_path.relations": lambda s, b, t: s.scalars(
        q.shortest_path(boxes(), boxes().alias("m"), t)
    ),
    "text.values": lambda s, b, t: s.scalars(boxes().where(text("n.text = $x", **{t: t, "x": t}))),
    "var.name": lambda s, b, t: s.all_rows(
        boxes().with_("n", Box.text.as_(t)).project(q.var(t).as_("a"))
    ),
    "within.alias": lambda s, b, t: s.all_rows(
        q.call(boxes(), within(Box, t).project(Box.text.as_("a"))).project("a")
    ),
}

_QUERY = "it is the query itself; its parameters are tried"
ELSEWHERE = {
    "add_labels.labels": "test_labels_are_given_and_taken",
    "remove_labels.labels": "test_labels_are_given_and_taken",
    "session.graph": "test_graphs_are_named_as_they_are_or_refused",
    "cypher.text": _QUERY,
    "execute.statement": _QUERY,
    "explain.statement": _QUERY,
    "text.cypher": _QUERY,
    "merge.entities": "takes entities, whose fields are tried in test_hostile_text.py",
    "traverse.options": "a union has none: it raises",
    "repeat.options": "a union has none: it raises",
    "create_driver.name_or_url": "names a driver that is registered, or a place; nothing is sent",
    "create_driver.options": "are options of the driver",
    "create_async_driver.name_or_url": "as create_driver",
    "create_async_driver.options": "as create_driver",
    "register_driver.name": "names a driver of this process",
    "register_driver.factory": "names a function to import",
    "Field.default": "is a value of a model",
    "Field.property": "test_labels_types_and_properties_are_quoted_or_refused",
    "Field.pydantic": "is for Pydantic",
    "Relation.relationship": "test_labels_types_and_properties_are_quoted_or_refused",
    "Relation.target": "names a class of the registry",
    "Relation.edge_model": "is a class, or names one of the registry",
    "Relation.order_by": "names a field of the target's class",
    "Relation.pydantic": "is for Pydantic",
}
# Functions that take classes and paths, for the session.
NOT_OF_VALUES = {"checked_paths", "id_lookup", "key_lookup", "load_relation"}
# Methods that statements have for the compiler and the session.
COMPILING = {
    "item",
    "outline",
    "outline_writes",
    "restated",
    "changed",
    "meaning",
    "write",
    "ending",
    "bound",
}
_NO_TEXT = re.compile(
    r"\b(?:type|Select|Expression|Aggregate|Labelled|RelationAttribute|Callable)\[[^\[\]]*\]"
)
_TEXT = re.compile(r"\b(?:str|Any|Mapping)\b")


def below(cls: type[Any]) -> Iterator[type[Any]]:
    """Yield a class and those made from it."""
    yield cls
    for each in cls.__subclasses__():
        yield from below(each)


def classes() -> list[type[Any]]:
    """Return the classes whose methods a user calls."""
    alone = ["Attribute", "RelationAttribute", "Expression", "Fetch"]
    faces = ["Session", "Repository", "SchemaManager", "ConnectionManager", "BoundQuery", "Search"]
    names = [*alone, *faces, *(f"Async{name}" for name in faces)]
    made = [*below(q.Statement), *below(q.Change)]
    return [getattr(runic.ogm, name) for name in names] + [
        cls for cls in made if cls.__module__.startswith("runic.")
    ]


def takes_text(function: Any) -> list[str]:
    """Return the parameters that text can be given for."""
    found = inspect.signature(function).parameters.values()
    return [p.name for p in found if _TEXT.search(_NO_TEXT.sub("", str(p.annotation)))]


def method_places() -> set[str]:
    """Return the places that methods have for text, by method and parameter."""
    return {
        f"{name}.{parameter}"
        for cls in classes()
        for name, method in inspect.getmembers(cls, callable)
        if not name.startswith("_") and name not in COMPILING
        for parameter in takes_text(method)
    }


def functions() -> dict[str, Callable[..., Any]]:
    """Return the public functions that take text."""
    named = {name: getattr(m, name) for m in (runic.ogm, q) for name in m.__all__}
    return {n: f for n, f in named.items() if inspect.isfunction(f) and takes_text(f)}


def by_hand() -> set[str]:
    """Return the names of the functions that `CALLS` or `ELSEWHERE` speak of."""
    return {place.split(".")[0] for place in (*CALLS, *ELSEWHERE)}


def test_every_place_is_looked_at() -> None:
    """A method that takes text is called, or it is said why not; nothing is said of what is not."""
    places = method_places()
    assert places - CALLS.keys() - ELSEWHERE.keys() == set()
    known = places | {f"{n}.{p}" for n, f in functions().items() for p in takes_text(f)}
    assert (CALLS.keys() | ELSEWHERE.keys()) - known == set()
    assert CALLS.keys() & ELSEWHERE.keys() == set()


def test_tests_that_are_named_are_there() -> None:
    """What `ELSEWHERE` says is tested elsewhere is."""
    texts = [Path(__file__), Path(__file__).with_name("test_hostile_text.py")]
    there = set(
        re.findall(r"^(?:async )?def (test_\w+)", "".join(p.read_text() for p in texts), re.M)
    )
    named = {where for where in ELSEWHERE.values() if where.startswith("test_")}
    assert named - there == set()


@pytest.fixture
async def stored(guarded: Any, schema: Any) -> Any:
    """Return a session with a box, and a leaf that searches find."""
    await schema.create_all(Leaf)
    guarded.add(Box(id=1, text="x", tags=["t"], holds=[Box(id=2)]))
    guarded.add(Leaf(id=1, text="x", place=[0.0, 1.0]))
    await guarded.commit()
    return guarded


async def test_text_changes_nothing(stored: Any, driver: Any) -> None:
    """Whatever is called with it answers, or raises an error of runic; the graph stays."""
    before = await dump(driver)
    box = await stored.get(Box, 1)
    for place, action in CALLS.items():
        for each in TEXTS:
            await tried(action, stored, box, each)
        assert await dump(driver) == before, place


async def tried(action: Callable[..., Any], *given: Any) -> Any:
    """Return what an action answers; None if runic refuses it."""
    try:
        return await call(action, *given)
    except OgmError:
        return None


async def test_functions_take_text_as_a_value(stored: Any, driver: Any) -> None:
    """Every function for queries that is not called above, with text for all it takes."""
    before = await dump(driver)
    for name, function in functions().items():
        if name in by_hand() | NOT_OF_VALUES:
            continue
        for each in TEXTS[::4]:
            made = refused(lambda f=function, t=each: filled(f, t))
            if made is not None:
                row = boxes().where(Box.id == 1)
                await tried(lambda m=made, r=row: stored.all_rows(r.project(m.as_("a"))))
    assert await dump(driver) == before


def filled(function: Callable[..., Any], value: str) -> Any:
    """Return what a function makes of text for all its parameters."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        wanted = (lambda *_: value) if "Callable" in str(parameter.annotation) else value
        if parameter.kind is parameter.KEYWORD_ONLY or parameter.kind is parameter.VAR_KEYWORD:
            named[parameter.name] = wanted
        else:
            given.append(wanted)
    return function(*given, **named)


async def test_functions_answer_what_python_does(guarded: Any) -> None:
    """Text that a function takes apart and puts together is the text itself."""
    await guarded.execute(insert(Box).values([{"id": 1}]))
    for each in without(SAMPLE, *UNSTORABLE):
        row = boxes().project(
            q.list_(each, "b").as_("list"),
            q.map_(a=each).as_("map"),
            q.coalesce(Box.text, each).as_("coalesced"),
            q.replace("a-b", "-", each).as_("replaced"),
            q.split(f"x{each}y", each).as_("split"),
            q.size(each).as_("size"),
        )
        assert await guarded.all_rows(row) == [
            {
                "list": [each, "b"],
                "map": {"a": each},
                "coalesced": "",
                "replaced": f"a{each}b",
                "split": f"x{each}y".split(each),
                "size": len(each),
            }
        ], each


async def test_raw_queries_get_their_parameters_as_they_are(stored: Any) -> None:
    """By the repository and the session, under names that are plain or refused."""
    for each in [*HOSTILE[::24], *SAMPLE[::2], *UNSTORABLE]:
        found = stored.repository(Box).cypher(
            "MATCH (n:Box) WHERE n.text = $x RETURN n", {"x": each}
        )
        if each in UNSTORABLE:
            with pytest.raises(OgmError):
                await found
            continue
        assert await found == []
        result = await stored.execute("UNWIND $x AS a RETURN a", {"x": [each, {"a": each}]})
        assert result.scalars() == [each, {"a": each}]
        named = await tried(lambda name=each: stored.execute("RETURN 1", {name: 1}))
        assert named is None or named.scalars() == [1]


async def test_parameters_have_the_names_of_python(stored: Any) -> None:
    """`param` takes identifiers; what is bound by them is the value that is compared."""
    for each in SAMPLE:
        made = refused(lambda name=each: param(name))
        assert (made is not None) == each.isidentifier(), each
        if made is not None:
            found = boxes().where(Box.text == made).bind(**{each: "x"})
            assert [box.id for box in await stored.scalars(found)] == [1]
    with pytest.raises(StatementError):
        boxes().where(Box.text == param("x")).bind(**{"x' OR 1=1": 1})


async def test_patterns_match_what_is_escaped_in_them(guarded: Any) -> None:
    """A pattern that is a text, escaped, matches this text alone."""
    texts = HOSTILE[::16]
    await guarded.execute(insert(Box).values([{"id": n, "text": t} for n, t in enumerate(texts)]))
    for n, each in enumerate(texts):
        found = await guarded.scalars(boxes().where(Box.text.matches(re.escape(each))))
        assert [box.id for box in found] == [n], each


async def test_pages_go_on_after_any_text(guarded: Any) -> None:
    """Cursors keep the text that a page ends with: each entity comes once, in order."""
    texts = HOSTILE[::4]
    await guarded.execute(insert(Box).values([{"id": n, "text": t} for n, t in enumerate(texts)]))
    wanted = [box.id for box in await guarded.scalars(boxes().order_by(Box.text))]
    found, after = [], None
    while after is not None or not found:
        page = await guarded.page(boxes().order_by(Box.text), limit=25, after=after)
        found += [box.id for box in page.items]
        after = page.next
    assert found == wanted
    assert sorted(found) == list(range(len(texts)))


async def test_words_are_searched_for_whatever_stands_between(guarded: Any, schema: Any) -> None:
    """A plain search finds by the words of a text; all else in it means nothing."""
    await schema.create_all(Leaf)
    guarded.add_all([Leaf(id=1, text="needle thread"), Leaf(id=2, text="thread hay")])
    await guarded.commit()
    for each in _QUOTES_AND_SIGNS:
        for asked in (f"needle{each} thread", f"{each}needle {each} thread{each}"):
            found = await guarded.fulltext_search(Leaf, asked).all()
            assert [leaf.id for leaf in found] == [1], asked
        assert await guarded.fulltext_search(Leaf, each).all() == [], each
    for each in SAMPLE:
        await tried(lambda t=each: guarded.fulltext_search(Leaf, t, mode="raw").all())


_QUOTES_AND_SIGNS = [each for each in SAMPLE if not re.search(r"\w", each) and each != "\u0301"]


async def test_labels_are_given_and_taken(stored: Any) -> None:
    """Further labels of a node stand in the database as they are written, or are refused."""
    box = await stored.get(Box, 1)
    before = await contents(stored)
    for each in SAMPLE[::2]:
        given = await tried(lambda name=each: stored.add_labels(box, name))
        if given is None:
            await stored.rollback()
            continue
        assert set(given) == {"Box", each}
        ((found,),) = await cypher(stored, "MATCH (n:Box {id: 1}) RETURN n")
        assert set(found.labels) == {"Box", each}
        assert await stored.remove_labels(box, each) == ["Box"]
        await stored.commit()
    assert await contents(stored) == before


async def contents(place: Any) -> list[str]:
    """Return what nodes and edges hold, without the ids of the database."""
    nodes, edges = await dump(place)
    held = [(sorted(node.labels), node.properties) for node in nodes]
    return sorted(repr((name, sorted(of.items()))) for name, of in held) + sorted(
        repr((edge.type, edge.properties)) for edge in edges
    )


@pytest.mark.backend("falkordb")
async def test_graphs_are_named_as_they_are_or_refused(
    stored: Any, driver: Any, face: str, runic_server: Any
) -> None:
    """A session on a graph of a hostile name writes there, and nowhere else."""
    before, graphs = await dump(driver), set(runic_server.client.list_graphs())
    manager = (AsyncConnectionManager if face == "async" else ConnectionManager)(driver)
    for each in SAMPLE:
        session = refused(lambda name=each: awaitable_face(manager.session(graph=name)))
        if session is None:
            continue
        session.add(Box(id=7, text=each))
        await session.commit()
        made = set(runic_server.client.list_graphs()) - graphs
        await session.close()
        runic_server.delete_graph(each)
        assert made == {each}
    assert await dump(driver) == before


@pytest.mark.backend("falkordb")
async def test_indexes_have_their_names_or_are_refused(
    guarded: Any, driver: Any, schema: Any
) -> None:
    """The schema manager makes what a model declares, finds it again, and drops it alone."""
    for number, each in enumerate(SAMPLE[::2]):
        made = refused(lambda name=each, n=number: indexed(name, n))
        if made is None:
            continue
        if await tried(lambda cls=made: schema.create_all(cls)) is not None:
            shown = await cypher(driver, "CALL db.indexes() YIELD label, properties")
            assert [[label, sorted(names)] for label, names in shown] == [
                [each, sorted([each, "t"])]
            ]
            assert await schema.missing(made) == []
        await schema.drop_all(made)
        assert await cypher(driver, "CALL db.indexes() YIELD label") == []


def indexed(name: str, number: int) -> Any:
    """Return an edge class whose type and indexed property have a name."""
    body = {
        "__annotations__": {"t": str, "value": str},
        "__module__": __name__,
        "t": Field("", fulltext=True),
        "value": Field("", property=name, index=True),
    }
    return type(Edge)(f"Indexed{number}", (Edge,), body, type=name, registry=Registry())
