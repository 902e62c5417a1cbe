"""Removing several properties of one node or edge leaves exactly the others, by every way to write.

FalkorDB 4.16 leaves a wrong one when a statement removes two or more properties of an entity one by
one, and the property that was stored last is among them (fault S14). Which one is wrong depends on
the order in which the properties were stored, so each way is tried on every order, with every
choice of fields that are kept, set and removed at once.
"""

from __future__ import annotations

import datetime as dt
from itertools import permutations, product

import pytest

from runic.ogm.model import Edge, Field, GeoLocation, Node, Registry, Relation, Vector
from runic.ogm.query import col, connect, merge, param, select, update
from tests.behaviour.graphs import cypher

REGISTRY = Registry()
FIELDS = "abcd"
# What happens to each field: kept, set to 5, removed.
CHANGES = ["".join(change) for change in product("ksr", repeat=4) if set(change) != {"k"}]


class Sheet(Node, registry=REGISTRY):
    """A node of optional fields."""

    id: str
    plan: str = ""
    a: int | None = None
    b: int | None = None
    c: int | None = None
    d: int | None = None
    gone: int | None = None
    edits: int = Field(version=True)
    ties: list[Tie] = Relation("TIE", target="Hook")
    hooks: list[Hook] = Relation("TIE", edge_model="Tie")


class Hook(Node, registry=REGISTRY):
    """What a sheet is tied to."""

    id: str


class Tie(Edge, type="TIE", registry=REGISTRY):
    """An edge of optional fields."""

    a: int | None = None
    b: int | None = None
    c: int | None = None
    d: int | None = None
    plan: str = ""
    edits: int = Field(version=True)


def orders(driver):
    """Return the orders in which properties are stored: where they matter, all."""
    every = list(permutations(FIELDS))
    return every if driver.dialect.name == "falkordb" else every[:1]


async def stored(driver):
    """Store a sheet, with a tie, for every order and change; return what each is to become."""
    # Properties are known by numbers, in the order in which the graph first met their names.
    await cypher(driver, "CREATE (:Ghost {a: 1, b: 1, c: 1, d: 1})")
    for order in orders(driver):
        rows = [["".join(order) + change, change] for change in CHANGES]
        cells = ", ".join(f"{name}: 1" for name in order)
        await cypher(
            driver,
            f"UNWIND $rows AS r CREATE (:Sheet {{id: r[0], plan: r[1], {cells}, edits: 1}})"
            f"-[:TIE {{plan: r[1], {cells}, edits: 1}}]->(:Hook {{id: r[0]}})",
            rows=rows,
        )
    made = {"k": 1, "s": 5, "r": None}
    keys = [("".join(order) + change, change) for order in orders(driver) for change in CHANGES]
    return {key: [made[each] for each in change] for key, change in keys}


def changed(plan, value=5, none=None):
    """Return the fields that a change gives, with their values."""
    given = {"s": value, "r": none}
    return {name: given[each] for name, each in zip(FIELDS, plan, strict=True) if each != "k"}


async def found(driver, place="MATCH (n:Sheet)", key="n.id"):
    """Return the four fields of every entity, and that each counted its version once."""
    rows = await cypher(driver, f"{place} RETURN {key}, n.a, n.b, n.c, n.d, n.edits, n.plan")
    assert {row[5] for row in rows} == {2}
    assert {row[6] for row in rows} == set(CHANGES)
    return {row[0]: row[1:5] for row in rows}


async def committed(session):
    """Change entities and commit them."""
    for sheet in await session.scalars(select(Sheet)):
        for name, value in changed(sheet.plan).items():
            setattr(sheet, name, value)
    await session.commit()


async def committed_in_batches(session):
    """Change entities and commit them a few at a time."""
    for sheet in await session.scalars(select(Sheet)):
        for name, value in changed(sheet.plan).items():
            setattr(sheet, name, value)
    await session.commit(atomic=False, batch_size=500)


async def updated(session):
    """Update what a criterion finds, with values."""
    for plan in CHANGES:
        await session.execute(update(Sheet).where(Sheet.plan == plan).values(**changed(plan)))


async def updated_with_parameters(session):
    """Update with values that are bound later."""
    for plan in CHANGES:
        names = changed(plan)
        open_ = update(Sheet).where(Sheet.plan == plan).values(**{n: param(n) for n in names})
        await session.execute(open_.bind(**names))


async def updated_with_expressions(session):
    """Update with expressions, of which some are null."""
    for plan in CHANGES:
        values = changed(plan, col(Sheet.a) * 0 + 5, col(Sheet.gone))
        if "a" in values:
            values = changed(plan, col(Sheet.edits) * 0 + 5, col(Sheet.gone))
        await session.execute(update(Sheet).where(Sheet.plan == plan).values(**values))


async def merged_from_rows(session):
    """Merge rows, as many at once as give the same fields."""
    rows = {}
    for sheet in await session.scalars(select(Sheet)):
        given = changed(sheet.plan)
        rows.setdefault(tuple(given), []).append({"id": sheet.id, **given})
    for group in rows.values():
        await session.execute(merge(Sheet).values(group))


async def merged_on_match(session):
    """Merge rows of keys, and say what a stored node takes."""
    keys = {}
    for sheet in await session.scalars(select(Sheet)):
        keys.setdefault(sheet.plan, []).append({"id": sheet.id})
    for plan, rows in keys.items():
        await session.execute(merge(Sheet).values(rows).on_match(**changed(plan)))


async def merged_objects(session):
    """Merge objects that give some fields."""
    sheets = await session.scalars(select(Sheet))
    given = [Sheet(id=sheet.id, **changed(sheet.plan)) for sheet in sheets]
    session.expunge_all()
    await session.merge(given)


WAYS = [
    committed,
    committed_in_batches,
    updated,
    updated_with_parameters,
    updated_with_expressions,
    merged_from_rows,
    merged_on_match,
    merged_objects,
]


@pytest.mark.parametrize("way", WAYS)
async def test_a_node_keeps_what_is_not_removed(session, driver, way):
    """Nodes: every stored order, every choice of kept, set and removed fields."""
    wanted = await stored(driver)
    await way(session)
    await session.commit()
    assert await found(driver) == wanted


async def ties(session):
    """Return the edges with the plan of each."""
    sheets = await session.scalars(select(Sheet).fetch("ties"))
    return [tie for sheet in sheets for tie in sheet.ties]


async def edges_committed(session):
    """Change edge entities and commit them."""
    for tie in await ties(session):
        for name, value in changed(tie.plan).items():
            setattr(tie, name, value)
    await session.commit()


async def edges_updated(session):
    """Update the edges that a criterion finds."""
    for plan in CHANGES:
        await session.execute(update(Tie).where(Tie.plan == plan).values(**changed(plan)))


@pytest.mark.parametrize("way", [edges_committed, edges_updated])
async def test_an_edge_keeps_what_is_not_removed(session, driver, way):
    """Edges: the same."""
    wanted = await stored(driver)
    await way(session)
    await session.commit()
    assert await found(driver, "MATCH (s:Sheet)-[n:TIE]->()", "s.id") == wanted


async def connected(session):
    """Connect what is connected already, with values."""
    for sheet in await session.scalars(select(Sheet)):
        ends = (Sheet.id == sheet.id, Hook.id == sheet.id)
        await session.execute(connect(Sheet.hooks).where(*ends).values(**changed(sheet.plan)))


async def related(session):
    """Relate what is related already, with an edge object that gives every field."""
    sheets = await session.scalars(select(Sheet).fetch("hooks"))
    rows = [(s, Sheet.hooks, s.hooks[0], whole_tie(s.plan)) for s in sheets]
    await session.relate_many(rows)


async def added(session):
    """Add an edge object between nodes that have an edge."""
    sheets = await session.scalars(select(Sheet).fetch("hooks"))
    for sheet in sheets:
        tie = whole_tie(sheet.plan)
        session.add(Tie(source=sheet, target=sheet.hooks[0], **tie.model_dump(exclude={"edits"})))
    await session.commit()


def whole_tie(plan):
    """Return an edge object with every field as it is to be."""
    return Tie(plan=plan, **dict.fromkeys(FIELDS, 1) | changed(plan))


@pytest.mark.parametrize("way", [connected, related, added])
async def test_an_edge_written_again_keeps_what_is_not_removed(session, driver, way):
    """Edges that are written over an edge that is there."""
    wanted = await stored(driver)
    await way(session)
    await session.commit()
    rows = await cypher(
        driver, "MATCH (s:Sheet)-[n:TIE]->() RETURN s.id, n.a, n.b, n.c, n.d, n.plan"
    )
    assert {row[0]: row[1:5] for row in rows} == wanted
    assert {row[5] for row in rows} == set(CHANGES)


class Photo(Node, registry=REGISTRY):
    """A node with values of every kind that a database keeps in a way of its own."""

    id: str
    title: str | None = None
    note: str | None = None
    tag: str | None = Field(None, interned=True)
    face: Vector | None = None
    body: Vector | None = None
    place: GeoLocation | None = None
    at: dt.datetime | None = None
    day: dt.date | None = None
    big: int | None = None
    ratio: float | None = None
    labels: list[str] | None = None


def photo(key):
    """Return a photo with a value in every field."""
    return Photo(
        id=key,
        title="t",
        note="n",
        tag="x",
        face=[0.5, 0.25],
        body=[0.75, 0.125],
        place=GeoLocation(latitude=1.5, longitude=2.5),
        at=dt.datetime(2020, 1, 2, 3, 4, 5, 6, dt.UTC),
        day=dt.date(2020, 1, 2),
        big=2**62 + 1,
        ratio=0.1,
        labels=["p", "q"],
    )


OTHERS = [name for name in Photo.model_fields if name != "id"]


@pytest.mark.parametrize("removed", [("title", "note"), ("face", "body"), ("face", "title")])
@pytest.mark.parametrize("way", ["commit", "update", "merge", "objects"])
async def test_other_values_stay_as_they_are(session, new_session, way, removed):
    """Vectors, places, instants, lists, numbers and interned text stay beside what is removed.

    And a vector is replaced while other properties go.
    """
    session.add_all([photo("one"), photo("two")])
    await session.commit()
    kept = next(name for name in ("body", "face", "place") if name not in removed)
    values = dict.fromkeys(removed, None)
    if kept != "place":
        values[kept] = [0.0625, 0.25]
    one = await session.get(Photo, "one")
    if way == "commit":
        for name, value in values.items():
            setattr(one, name, value)
    elif way == "update":
        await session.execute(update(Photo).where(Photo.id == "one").values(**values))
    elif way == "merge":
        await session.execute(merge(Photo).values([{"id": "one", **values}]))
    else:
        session.expunge_all()
        await session.merge(Photo(id="one", **values))
    await session.commit()
    wanted = {name: getattr(photo("one"), name) for name in OTHERS} | values
    other = new_session()
    for key, want in (("one", wanted), ("two", {n: getattr(photo("two"), n) for n in OTHERS})):
        read = await other.get(Photo, key)
        assert {name: getattr(read, name) for name in OTHERS} == want


@pytest.mark.backend("falkordb")
async def test_one_by_one_is_what_the_server_does_wrong(driver, request):
    """The plain wording, sent as it is, leaves a wrong property on 4.16; from 4.22 on it is right.

    Once it is right on every server that is supported, the dialect can say it plainly again.
    """
    server = request.getfixturevalue("runic_server")
    version = module_version(server.client.connection.execute_command("MODULE", "LIST"))
    await cypher(driver, "CREATE (:Ghost {a: 1, b: 1, c: 1})")
    await cypher(driver, "CREATE (:T {a: 1, b: 1, c: 1})-[:R {a: 1, b: 1, c: 1}]->()")
    await cypher(driver, "MATCH (n:T) SET n.a = null, n.c = null")
    await cypher(driver, "MATCH ()-[e:R]->() SET e.a = null, e.c = null")
    nodes = await cypher(driver, "MATCH (n:T) RETURN n.a, n.b, n.c")
    edges = await cypher(driver, "MATCH ()-[e:R]->() RETURN e.a, e.b, e.c")
    wrong, right = [[None, None, 1]], [[None, 1, None]]
    assert nodes == edges == (wrong if version < 42200 else right)


def module_version(modules):
    """Return the version of the graph module in a reply of either protocol."""
    listed = [
        m if isinstance(m, dict) else dict(zip(m[::2], m[1::2], strict=True)) for m in modules
    ]
    return next(each["ver"] for each in listed if each["name"] == "graph")
