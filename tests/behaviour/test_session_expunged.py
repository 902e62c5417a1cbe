"""Expunged entities: what the session was told to let go comes back by add() or a relation only."""

from __future__ import annotations

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.model import State, state_of
from runic.ogm.query import select
from tests.behaviour.graphs import cypher, links
from tests.behaviour.order_models import TYPES, Line, Order, Rates, holding, put, take

RELATIONS = list(TYPES)


async def scores(place):
    """Return key and score of every line, sorted."""
    return sorted(await cypher(place, "MATCH (n:Line) RETURN n.id, n.score"))


@pytest.fixture(params=["made here", "loaded"])
async def held(request, session):
    """Return a function that stores an order with a line and returns both, held by the session."""

    async def make(relation):
        order = holding(relation, line := Line(id="l"), id="o")
        session.add(order)
        await session.commit()
        if request.param == "loaded":
            session.expunge_all()
            order = await session.get(Order, "o", fetch=[relation])
            found = getattr(order, relation)
            one = found[0] if isinstance(found, list) else found
            line = one.target if relation == "rated" else one
        return order, line

    return make


@pytest.mark.parametrize("change", ["nothing", "another field", "the relation", "all of it"])
@pytest.mark.parametrize("relation", RELATIONS)
async def test_an_expunged_entity_is_not_written(session, driver, held, relation, change):
    """It may stay in a relation that was loaded or written, whatever else is written there."""
    order, line = await held(relation)
    session.expunge(line)
    line.score = 77
    many = relation in ("lines", "extras", "rated")
    if change in ("another field", "all of it"):
        order.name = "after"
    if change in ("the relation", "all of it") and many:
        put(order, relation, Line(id="m"))
    if change == "all of it" and relation == "rated":
        order.rated[0].stars = 1
    await session.commit()
    assert (state_of(line), line in session) == (State.DETACHED, False)
    assert (await scores(driver))[0] == ["l", 0]
    assert ("o", "l") in await links(driver, TYPES[relation])
    await session.commit()
    assert (await scores(driver))[0] == ["l", 0]


@pytest.mark.parametrize("relation", RELATIONS)
async def test_an_expunged_owner_is_not_written(session, driver, held, relation):
    """Nor are its relations: what it loses or gains stays in memory."""
    order, line = await held(relation)
    session.expunge(order)
    order.name = "after"
    if relation in ("lines", "extras"):
        getattr(order, relation).append(Line(id="m"))
    line.score = 7
    await session.commit()
    assert await cypher(driver, "MATCH (n:Order) RETURN n.name") == [[""]]
    assert await scores(driver) == [["l", 7]]


async def test_an_expunged_edge_is_not_written(session, driver, held):
    """An edge entity that stays in a relation is not written, its nodes are."""
    order, line = await held("rated")
    edge = order.rated[0]
    session.expunge(edge)
    edge.stars, line.score = 1, 7
    order.rated.append(Rates(stars=2, target=Line(id="m")))
    await session.commit()
    rows = await cypher(driver, "MATCH ()-[e:RATES]->() RETURN e.stars")
    assert sorted(rows) == [[2], [5]]
    assert edge not in session


@pytest.mark.parametrize("how", ["add", "put into a stored one", "put into a new one"])
@pytest.mark.parametrize("relation", RELATIONS)
async def test_what_brings_an_expunged_entity_back(session, driver, held, relation, how):
    """add() does, and so does putting it into a relation: its changes are written."""
    _, line = await held(relation)
    session.expunge(line)
    line.score = 77
    if how == "add":
        session.add(line)
    elif how == "put into a stored one":
        session.add(other := Order(id="p"))
        await session.commit()
        put(other, "extras", line)
    else:
        session.add(holding("extras", line, id="p"))
    await session.commit()
    assert line in session
    assert await scores(driver) == [["l", 77]]
    assert (("p", "l") in await links(driver, "EXTRA")) is (how != "add")


async def test_an_expunged_entity_that_is_related_on_its_own_side_comes_back(session, driver, held):
    """Where the other side is loaded, the relationship is put into both."""
    _, line = await held("extras")
    session.expunge(line)
    line.score = 77
    session.add(order := Order(id="p"))
    line.order = order
    await session.commit()
    assert await scores(driver) == [["l", 77]]
    assert await links(driver, "HAS") == [("p", "l")]


@pytest.mark.parametrize("relation", RELATIONS)
async def test_put_in_and_then_expunged_is_refused(session, driver, relation):
    """A new relationship needs both its ends in the session: the error says what to do."""
    session.add_all([order := Order(id="o"), line := Line(id="l")])
    await session.commit()
    put(order, relation, line)
    session.expunge(line)
    line.score, order.name = 77, "after"
    with pytest.raises(StatementError, match=r"Line 'l' was expunged.*session\.add"):
        await session.commit()
    assert await cypher(driver, "MATCH (n:Order) RETURN n.name") == [[""]]
    assert await scores(driver) == [["l", 0]]
    session.add(line)
    await session.commit()
    assert await links(driver, TYPES[relation]) == [("o", "l")]
    assert await scores(driver) == [["l", 77]]


@pytest.mark.parametrize("relation", RELATIONS)
async def test_an_expunged_entity_can_be_taken_out(session, driver, held, relation):
    """Taking it out of a relation cuts the relationship, which is the owner's."""
    order, line = await held(relation)
    found = getattr(order, relation)
    session.expunge(line)
    line.score = 77
    take(order, relation, found[0] if isinstance(found, list) else found)
    await session.commit()
    assert await links(driver, TYPES[relation]) == []
    assert await scores(driver) == [["l", 0]]


async def test_an_expunged_edge_can_be_taken_out(session, driver, held):
    """Taking an edge entity out of its relation deletes it, held or not."""
    order, _ = await held("rated")
    edge = order.rated[0]
    session.expunge(edge)
    order.rated.remove(edge)
    await session.commit()
    assert await links(driver, "RATES") == []


@pytest.mark.parametrize("end", ["source", "target"])
async def test_a_new_edge_needs_its_ends(session, driver, end):
    """An end that was expunged after the edge was added is an error."""
    session.add_all([order := Order(id="o"), line := Line(id="l")])
    await session.commit()
    session.add(edge := Rates(source=order, target=line))
    gone = order if end == "source" else line
    session.expunge(gone)
    with pytest.raises(StatementError, match=r"was expunged.*a new Rates"):
        await session.commit()
    assert await links(driver, "RATES") == []
    session.add(edge)
    session.add(gone)
    await session.commit()
    assert await links(driver, "RATES") == [("o", "l")]


async def test_the_object_loaded_instead_takes_the_end_of_an_edge(session, held):
    """Loaded again, an edge leads to the object that the session holds."""
    order, line = await held("rated")
    edge = order.rated[0]
    session.expunge(line)
    await session.refresh(order)
    again = await session.get(Line, "l")
    assert again is not line
    assert (order.rated[0], edge.target) == (edge, again)


@pytest.mark.parametrize("how", ["replace", "beside", "other side"])
@pytest.mark.parametrize("relation", [name for name in RELATIONS if name != "rated"])
async def test_an_object_read_again_is_the_same_relationship(session, driver, held, relation, how):
    """Putting it beside the expunged one, or in its place, makes and cuts nothing."""
    order, line = await held(relation)
    await cypher(driver, f"MATCH ()-[e:{TYPES[relation]}]->() SET e.since = 1")
    session.expunge(line)
    again = await session.get(Line, "l")
    assert again is not line
    many = isinstance(getattr(order, relation), list)
    if how == "beside" and many:
        getattr(order, relation).append(again)
    elif how == "other side" and relation == "lines":
        order.lines.remove(again)
        again.order = order
    else:
        setattr(order, relation, [again] if many else again)
    line.score, again.score = 77, 4
    await session.commit()
    rows = await cypher(driver, f"MATCH ()-[e:{TYPES[relation]}]->(n) RETURN e.since, n.score")
    assert rows == [[1, 4]]


async def test_an_edge_read_again_is_the_same_relationship(session, driver, held):
    """An edge entity in the place of the one that was expunged cuts nothing."""
    order, _ = await held("rated")
    edge = order.rated[0]
    session.expunge(edge)
    (row,) = await session.all_with_edges(select(Order).traverse(Order.rated))
    again = row[-1]
    assert again is not edge
    order.rated = [again]
    await session.commit()
    assert await cypher(driver, "MATCH ()-[e:RATES]->() RETURN e.stars") == [[5]]


@pytest.mark.parametrize("relation", RELATIONS)
async def test_rollback_leaves_expunged_entities_out(session, driver, held, relation):
    """After a write that is rolled back, too, on every database."""
    order, line = await held(relation)
    session.add(Line(id="m"))
    await session.flush()
    session.expunge(line)
    line.score = 77
    await session.rollback()
    assert (line in session, order in session) == (False, True)
    order.name = "after"
    await session.commit()
    assert ["l", 0] in await scores(driver)
    again = await session.one(select(Line).where(Line.id == "l"))
    assert again is not line


async def test_what_another_session_let_go_comes_along(session, new_session, driver):
    """add() of a detached entity brings what its relations hold, expunged one by one or not."""
    async with new_session() as other:
        order = Order(id="o", extras=[line := Line(id="l")])
        other.add(order)
        await other.commit()
        other.expunge(line)
        other.expunge(order)
    line.score = 77
    session.add(order)
    await session.commit()
    assert await scores(driver) == [["l", 77]]


async def test_an_edge_taken_out_and_put_back_is_written(session, driver):
    """Taking a new edge out of its relation lets it go; that is no expunge."""
    session.add_all([order := Order(id="o"), line := Line(id="l")])
    await session.commit()
    edge = Rates(source=order, target=line)
    session.add(edge)
    order.rated.append(edge)
    order.rated.remove(edge)
    assert state_of(edge) is State.TRANSIENT
    order.rated.append(edge)
    await session.commit()
    assert await links(driver, "RATES") == [("o", "l")]


async def test_after_expunge_all_a_relation_comes_along_again(session, driver, held):
    """expunge_all() lets everything go alike: what is added then brings what it holds."""
    order, line = await held("extras")
    session.expunge(line)
    session.expunge_all()
    line.score = 77
    session.add(order)
    await session.commit()
    assert await scores(driver) == [["l", 77]]
