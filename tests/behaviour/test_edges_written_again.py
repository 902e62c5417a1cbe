"""An edge that is written again takes the fields that were given, by whatever way it is written."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm import (
    Edge,
    Field,
    Node,
    Registry,
    Relation,
    SessionError,
    StaleEntityError,
    State,
    StatementError,
    connect,
    select,
    state_of,
    update,
)
from tests.behaviour.graphs import cypher

REGISTRY = Registry()


class Member(Edge, type="MEMBER_OF", registry=REGISTRY):
    """An edge that nobody counts."""

    role: str = "reader"
    note: str | None = "new"
    since: int | None = None


class Counted(Edge, type="COUNTED", registry=REGISTRY):
    """The same with a version."""

    role: str = "reader"
    note: str | None = "new"
    since: int | None = None
    version: int = Field(default=3, version=True)


class Team(Node, registry=REGISTRY):
    """What edges lead to."""

    id: str
    member: list[User] = Relation("MEMBER_OF", "INCOMING", edge_model=Member)
    counted: list[User] = Relation("COUNTED", "INCOMING", edge_model=Counted)


class User(Node, registry=REGISTRY):
    """Where edges start; each has a relation of nodes and one of edges."""

    id: str
    member: list[Team] = Relation("MEMBER_OF", edge_model=Member)
    member_edges: list[Member] = Relation("MEMBER_OF", target=Team)
    counted: list[Team] = Relation("COUNTED", edge_model=Counted)
    counted_edges: list[Counted] = Relation("COUNTED", target=Team)


class Solo(Node, registry=REGISTRY):
    """Where at most one edge starts."""

    id: str
    member: Team | None = Relation("MEMBER_OF", edge_model=Member)
    member_edge: Member | None = Relation("MEMBER_OF", target=Team)
    counted: Team | None = Relation("COUNTED", edge_model=Counted)
    counted_edge: Counted | None = Relation("COUNTED", target=Team)


KINDS: dict[str, Any] = {"member": Member, "counted": Counted}
STORED = {"role": "writer", "note": "founder", "since": 1}
GIVEN: dict[str, dict[str, Any]] = {
    "nothing": {},
    "one": {"role": "admin"},
    "equal": {"role": "writer"},
    "none": {"note": None, "since": None},
    "all": {"role": "admin", "note": "changed", "since": 2},
}


async def by_relate(session, kind, start, team, fields):
    """Return the edge of `relate`."""
    return await session.relate(start, kind, team, edge=KINDS[kind](**fields))


async def by_relate_from_the_target(session, kind, start, team, fields):
    """The same by the relation of the other side."""
    return await session.relate(team, kind, start, edge=KINDS[kind](**fields))


async def by_relate_many(session, kind, start, team, fields):
    """Return the edge of `relate_many`."""
    return (await session.relate_many([(start, kind, team, KINDS[kind](**fields))]))[0]


async def by_add(session, kind, start, team, fields):
    """Add an edge entity with both its ends."""
    edge = KINDS[kind](source=start, target=team, **fields)
    session.add(edge)
    await session.flush()
    return edge


async def by_assignment_after_construction(session, kind, start, team, fields):
    """Set the fields of an edge that was made without them: assigned is given."""
    edge = KINDS[kind](source=start, target=team)
    session.add(edge)
    for name, value in fields.items():
        setattr(edge, name, value)
    await session.flush()
    return edge


async def by_list(session, kind, start, team, fields):
    """Append an edge entity to a loaded relation."""
    await session.load(start, f"{kind}_edges")
    edge = KINDS[kind](target=team, **fields)
    getattr(start, f"{kind}_edges").append(edge)
    await session.flush()
    assert getattr(start, f"{kind}_edges") == [edge]
    return edge


async def by_a_new_list(session, kind, start, team, fields):
    """Assign another list, in which a new entity stands for the edge."""
    await session.load(start, f"{kind}_edges")
    edge = KINDS[kind](target=team, **fields)
    setattr(start, f"{kind}_edges", [edge])
    await session.flush()
    assert getattr(start, f"{kind}_edges") == [edge]
    return edge


async def by_merging_twins(session, kind, start, team, fields):
    """Give each field in a row of its own."""
    made = [KINDS[kind](**{name: value}) for name, value in fields.items()]
    rows = [(start, kind, team, edge) for edge in made] or [(start, kind, team, KINDS[kind]())]
    edges = await session.relate_many(rows)
    assert all(edge is edges[0] for edge in edges)
    return edges[0]


async def by_adding_twins(session, kind, start, team, fields):
    """Give each field with an entity of its own."""
    edges = [KINDS[kind](source=start, target=team, **{n: v}) for n, v in fields.items()]
    session.add_all(edges or [KINDS[kind](source=start, target=team)])
    first = session.new[0]
    await session.flush()
    assert len({edge.role for edge in (first, *edges)}) == 1
    return first


async def by_connect(session, kind, start, team, fields):
    """Connect by criteria."""
    stmt = connect(getattr(User, kind)).where(User.id == start.id, Team.id == team.id)
    await session.execute(stmt.values(**fields) if fields else stmt)


WAYS = [
    by_relate,
    by_relate_from_the_target,
    by_relate_many,
    by_add,
    by_assignment_after_construction,
    by_list,
    by_a_new_list,
    by_merging_twins,
    by_adding_twins,
    by_connect,
]


async def stored(driver, kind):
    """Return the fields of all edges of a kind, as the database has them."""
    type_ = KINDS[kind].__runic_type__
    rows = await cypher(
        driver,
        f"MATCH ()-[e:{type_}]->() RETURN e.role, e.note, e.since, e.version",
    )
    return [dict(zip(("role", "note", "since", "version"), row, strict=True)) for row in rows]


@pytest.fixture
async def pair(session, new_session):
    """Store a user and a team that no edge joins, and return them without their relations."""
    other = new_session()
    other.add_all([User(id="u"), Team(id="t")])
    await other.commit()
    return await session.get(User, "u"), await session.get(Team, "t")


async def founded(new_session, kind, **ends):
    """Store an edge between the two, in another session, and return it with that session."""
    other = new_session()
    user, team = await other.get(User, "u"), await other.get(Team, "t")
    edge = KINDS[kind](source=user, target=team, **STORED)
    other.add(edge)
    await other.commit()
    edge.role = "editor"
    edge.role = "writer"
    return other, edge


def in_memory(edge):
    """Return the fields of an edge entity."""
    return {"version": None} | edge.model_dump()


def expected(kind, fields, *, new):
    """Return what has to be stored."""
    if new:
        return {"version": None} | KINDS[kind]().model_dump() | fields
    version = 3 + bool(fields) if kind == "counted" else None
    return {**STORED, **fields, "version": version}


@pytest.mark.parametrize("fields", GIVEN.values(), ids=GIVEN)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
async def test_a_stored_edge_takes_what_is_given(
    session, new_session, driver, pair, way, kind, fields
):
    """The other fields stay; the version counts once, if anything was given."""
    await founded(new_session, kind)
    edge = await way(session, kind, *pair, fields)
    await session.commit()
    assert await stored(driver, kind) == [expected(kind, fields, new=False)]
    assert edge is None or in_memory(edge) == expected(kind, fields, new=False)
    assert edge is None or state_of(edge) is State.PERSISTENT


@pytest.mark.parametrize("fields", GIVEN.values(), ids=GIVEN)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
async def test_a_new_edge_takes_every_field(session, driver, pair, way, kind, fields):
    """Defaults are stored as well, the first version too."""
    edge = await way(session, kind, *pair, fields)
    await session.commit()
    assert await stored(driver, kind) == [expected(kind, fields, new=True)]
    assert edge is None or in_memory(edge) == expected(kind, fields, new=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
async def test_an_edge_held_before_is_told(session, new_session, driver, pair, way, kind):
    """What was loaded before shows what was written, and what is set on either is written."""
    await founded(new_session, kind)
    user = await session.get(User, "u", fetch=[f"{kind}_edges"])
    held = getattr(user, f"{kind}_edges")[0]
    edge = await way(session, kind, *pair, {"role": "admin"})
    assert in_memory(held) == expected(kind, {"role": "admin"}, new=False)
    held.note = "by the first"
    if edge is not None:
        edge.since = 7
    await session.commit()
    found = (await stored(driver, kind))[0]
    assert (found["role"], found["note"]) == ("admin", "by the first")
    assert edge is None or (found["since"], in_memory(edge)) == (7, in_memory(held))
    assert found == in_memory(held)


@pytest.mark.parametrize("way", WAYS)
async def test_a_stale_writer_is_refused(session, new_session, driver, pair, way):
    """Who holds an edge that was written again meanwhile cannot overwrite it."""
    other, edge = await founded(new_session, "counted")
    await way(session, "counted", *pair, {"note": "changed"})
    await session.commit()
    edge.note = "stale"
    with pytest.raises(StaleEntityError, match="version 3 and is at 4"):
        await other.commit()
    assert (await stored(driver, "counted"))[0]["note"] == "changed"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_relation_of_nodes_changes_no_stored_edge(
    session, new_session, driver, pair, kind, call
):
    """Relating nodes that are related leaves their edge as it is, and makes whole new ones."""
    await founded(new_session, kind)
    user, team = pair
    another = Team(id="another")
    session.add(another)
    await session.relate(user, kind, team)
    await session.relate_many([(user, kind, team), (team, kind, user)])
    await session.load(user, kind)
    getattr(user, kind).append(another)
    await session.commit()
    by_role = sorted(await stored(driver, kind), key=lambda each: each["role"])
    assert by_role == [expected(kind, {}, new=True), expected(kind, {}, new=False)]


@pytest.mark.parametrize("fields", GIVEN.values(), ids=GIVEN)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_relation_to_one_edge_assigned_unloaded(session, new_session, driver, kind, fields):
    """The edge to the same node is written again, that to another one is replaced."""
    teams = [Team(id="t"), Team(id="other")]
    other = new_session()
    other.add_all([KINDS[kind](source=Solo(id="s"), target=teams[0], **STORED), teams[1]])
    await other.commit()
    solo, team = await session.get(Solo, "s"), await session.get(Team, "t")
    setattr(solo, f"{kind}_edge", edge := KINDS[kind](target=team, **fields))
    await session.commit()
    assert await stored(driver, kind) == [expected(kind, fields, new=False)]
    assert in_memory(edge) == expected(kind, fields, new=False)
    session.expunge_all()
    solo, team = await session.get(Solo, "s"), await session.get(Team, "other")
    setattr(solo, f"{kind}_edge", KINDS[kind](target=team, **fields))
    await session.commit()
    assert await stored(driver, kind) == [expected(kind, fields, new=True)]


async def test_rows_with_different_fields_are_one_statement(
    session, driver, pair, assert_query_count
):
    """Edges are written in bulk, whichever fields each of them gives."""
    team = pair[1]
    users = [User(id=f"u{n}") for n in range(4)]
    given = [{}, {"role": "a"}, {"note": "b"}, {"role": "c", "since": 5}]
    session.add_all(users)
    await session.relate_many([(one, "counted", team, Counted(**STORED)) for one in users])
    await session.commit()
    rows = [(o, "counted", team, Counted(**f)) for o, f in zip(users, given, strict=True)]
    if "transactions" in driver.dialect.capabilities:
        edges = await session.relate_many(rows)
    else:
        with assert_query_count(1):
            edges = await session.relate_many(rows)
    await session.commit()
    wanted = [expected("counted", fields, new=False) for fields in given]
    assert list(map(in_memory, edges)) == wanted
    assert sorted(map(repr, await stored(driver, "counted"))) == sorted(map(repr, wanted))


@pytest.mark.parametrize("way", ["add", "relate", "merge"])
async def test_what_a_default_became_is_given(session, new_session, driver, way):
    """A default that was changed in place, as by append, is written; one that was not is left."""
    other = new_session()
    one, two = Tagged(id="a", tags=["old"], more={"k": 1}), Tagged(id="b")
    other.add(Tags(source=one, target=two, tags=["old"], more={"k": 1}))
    await other.commit()
    if way == "merge":
        made: Any = Tagged(id="a")
    else:
        ends = await session.get(Tagged, "a"), await session.get(Tagged, "b")
        made = Tags(**(dict(zip(("source", "target"), ends, strict=True)) if way == "add" else {}))
    made.tags.append("new")
    if way == "merge":
        await session.merge(made)
    elif way == "relate":
        await session.relate(ends[0], "tagged", ends[1], edge=made)
    else:
        session.add(made)
    await session.commit()
    assert (made.tags, made.more) == (["new"], {"k": 1})
    query = "MATCH (n:Tagged {id: 'a'})-[e:TAGS]->() RETURN n.tags, e.tags"
    rows = [[["new"], ["old"]]] if way == "merge" else [[["old"], ["new"]]]
    assert await cypher(driver, query) == rows


class Tags(Edge, type="TAGS", registry=REGISTRY):
    """An edge with defaults that can be changed in place."""

    tags: list[str] = Field([])
    more: dict[str, Any] = Field(default_factory=dict)


class Tagged(Node, registry=REGISTRY):
    """A node with the same."""

    id: str
    tags: list[str] = Field([])
    more: dict[str, Any] = Field(default_factory=dict)
    tagged: list[Tagged] = Relation("TAGS", edge_model=Tags)


@pytest.mark.parametrize("way", [by_relate, by_relate_many, by_add, by_connect])
async def test_edges_that_run_parallel_already_are_all_written(session, driver, pair, way):
    """Where somebody stored several edges of a relation that has one, each takes what is given."""
    await cypher(
        driver,
        "MATCH (u:User), (t:Team) CREATE (u)-[:COUNTED {role: 'a', since: 1, version: 1}]->(t),"
        " (u)-[:COUNTED {role: 'b', since: 2, version: 2}]->(t)",
    )
    await way(session, "counted", *pair, {"role": "admin"})
    await session.relate(pair[0], "counted", pair[1])
    await session.commit()
    found = [(e["role"], e["since"], e["version"]) for e in await stored(driver, "counted")]
    assert sorted(found) == [("admin", 1, 2), ("admin", 2, 3)]


async def test_an_undirected_edge_is_found_whichever_way_it_runs(session, new_session, driver):
    """Where relations do not tell the ways apart, an edge the other way round is the same."""
    one, other = Peer(id="a"), Peer(id="b")
    session.add(Knows(source=one, target=other, role="writer", note="founder"))
    await session.commit()
    again = new_session()
    one, other = await again.get(Peer, "a"), await again.get(Peer, "b")
    edge = Knows(source=other, target=one, role="admin")
    again.add(edge)
    await again.commit()
    query = "MATCH (s)-[e:KNOWS]->(t) RETURN s.id, t.id, e.role, e.note"
    assert await cypher(driver, query) == [["a", "b", "admin", "founder"]]
    assert (edge.source, edge.target, edge.note) == (one, other, "founder")
    edge.note = "changed"
    await again.relate(other, "peers", one, edge=Knows(role="last"))
    await again.commit()
    assert await cypher(driver, query) == [["a", "b", "last", "changed"]]


class Knows(Edge, type="KNOWS", registry=REGISTRY):
    """An edge that leads both ways."""

    role: str = ""
    note: str = ""


class Peer(Node, registry=REGISTRY):
    """Both ends of it."""

    id: str
    peers: list[Peer] = Relation("KNOWS", "BOTH", edge_model=Knows)


async def test_an_edge_that_is_there_already_is_related_again(session, driver, pair):
    """The same object in a second call finds its edge, or makes it again when it was cut."""
    user, team = pair
    edge = await session.relate(user, "member", team, edge=Member(role="admin"))
    assert await session.relate(user, "member", team, edge=edge) is edge
    await session.commit()
    await cypher(driver, "MATCH ()-[e:MEMBER_OF]->() DELETE e")
    assert await session.relate(user, "member", team, edge=edge) is edge
    await session.commit()
    edge.note = "kept"
    await session.commit()
    assert await stored(driver, "member") == [
        {"role": "admin", "note": "kept", "since": None, "version": None}
    ]


async def test_an_edge_that_means_something_else_is_refused(session, new_session, pair):
    """An edge with unwritten changes, of other ends or of another session is not related."""
    user, team = pair
    session.add(other := Team(id="other"))
    edge = await session.relate(user, "member", team, edge=Member())
    with pytest.raises(StatementError, match="stays where it is"):
        await session.relate(user, "member", other, edge=edge)
    edge.note = "changed"
    with pytest.raises(SessionError, match="unwritten changes"):
        await session.relate(user, "member", team, edge=edge)
    await session.commit()
    session.delete(edge)
    with pytest.raises(SessionError, match="to be deleted"):
        await session.relate(user, "member", team, edge=Member())
    with pytest.raises(SessionError, match="to be deleted"):
        await session.relate(user, "member", team, edge=edge)
    await session.rollback()
    another = new_session()
    ends = await another.get(User, "u"), await another.get(Team, "t")
    with pytest.raises(SessionError, match="another session"):
        await another.relate(ends[0], "member", ends[1], edge=edge)


@pytest.mark.parametrize("way", [by_relate, by_add, by_list])
async def test_two_objects_of_one_edge_may_not_contradict(session, new_session, pair, way):
    """One field set differently on both is an error, and nothing is written."""
    await founded(new_session, "member")
    user = await session.get(User, "u", fetch=["member_edges"])
    held = user.member_edges[0]
    edge = await way(session, "member", *pair, {"role": "admin"})
    held.note, edge.note = "one", "other"
    with pytest.raises(StatementError, match=r"two Member objects.*note.*'other'.*'one'"):
        await session.commit()
    held.note = "other"
    await session.commit()
    assert (edge.note, held.note) == ("other", "other")


async def test_unwritten_changes_of_a_held_edge_stay(session, new_session, driver, pair):
    """What was set on an edge before it was written again by relate() is written later."""
    await founded(new_session, "counted")
    user = await session.get(User, "u", fetch=["counted_edges"])
    held = user.counted_edges[0]
    held.note, held.role = "mine", "lost"
    edge = await session.relate(*pair[:1], "counted", pair[1], edge=Counted(role="admin"))
    assert (edge.note, edge.role, held.note, held.role) == ("mine", "admin", "mine", "admin")
    await session.commit()
    assert await stored(driver, "counted") == [
        {**STORED, "role": "admin", "note": "mine", "version": 5}
    ]


async def test_every_object_of_an_edge_goes_along(session, new_session, driver, pair):
    """However often an edge was written, what is set on any of its entities is written."""
    await founded(new_session, "counted")
    edges = [await by_add(session, "counted", *pair, {"role": f"r{n}"}) for n in range(3)]
    edges[0].note, edges[1].since = "first", 9
    session.add(other := Team(id="other"))
    await session.flush()
    edges[0].role = "of the first"
    await session.relate(pair[0], "member", other)
    await session.execute(update(Counted).values(since=10))
    assert [edge.role for edge in edges] == ["of the first", "r2", "r2"]
    await session.commit()
    wanted = {"role": "of the first", "note": "first", "since": 10, "version": 9}
    assert await stored(driver, "counted") == [wanted]
    assert list(map(in_memory, edges)) == [wanted] * 3


async def test_rollback_drops_what_was_set_on_either(session, new_session, driver, pair, call):
    """Both entities of an edge show what is stored after a rollback."""
    await founded(new_session, "member")
    edges = [await by_add(session, "member", *pair, {"role": f"r{n}"}) for n in range(2)]
    await session.commit()
    edges[0].note, edges[1].since = "first", 9
    await call(session.rollback)
    await session.commit()
    wanted = expected("member", {"role": "r1"}, new=False)
    assert await stored(driver, "member") == [wanted]
    assert list(map(in_memory, edges)) == [wanted] * 2


@pytest.mark.requires("transactions")
@pytest.mark.parametrize("way", [by_relate, by_add, by_adding_twins, by_merging_twins])
async def test_rollback_parts_the_objects_of_one_edge(session, new_session, driver, pair, way):
    """After a rollback the edge held before is as it was loaded, and the new one is transient."""
    await founded(new_session, "counted")
    user = await session.get(User, "u", fetch=["counted_edges"])
    held = user.counted_edges[0]
    edge = await way(session, "counted", *pair, {"role": "admin", "note": "x"})
    await session.rollback()
    assert in_memory(held) == {**STORED, "version": 3}
    assert (state_of(held), state_of(edge)) == (State.PERSISTENT, State.TRANSIENT)
    edge.role, held.role = "nobody", "owner"
    await session.commit()
    assert await stored(driver, "counted") == [{**STORED, "role": "owner", "version": 4}]


async def test_a_stored_edge_that_does_not_fit_its_model_is_told(session, driver, pair):
    """The other fields are read back, so that what does not fit is an error that names it."""
    await cypher(
        driver, "MATCH (u:User), (t:Team) CREATE (u)-[:MEMBER_OF {role: 'a', since: 'never'}]->(t)"
    )
    session.add(edge := Member(source=pair[0], target=pair[1], role="admin"))
    with pytest.raises(Exception, match="Member.since"):
        await session.commit()
    assert state_of(edge) is State.PERSISTENT
    assert (await stored(driver, "member"))[0]["role"] == "admin"


async def test_where_an_edge_is_looked_for_again(session, driver, pair):
    """Select finds one object for the edge, and that is the one that was written last."""
    user, team = pair
    edge = await session.relate(user, "member", team, edge=Member())
    again = await session.relate(user, "member", team, edge=Member(role="admin"))
    found = await session.scalars(select(User).fetch("member_edges"))
    assert found[0].member_edges == [again]
    assert (edge.role, state_of(edge)) == ("admin", State.DETACHED)
    with pytest.raises(SessionError, match="another Member for this edge"):
        session.add(edge)
