"""Deletion against cascade: no walk through relations undoes it, whatever came first."""

from __future__ import annotations

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher, dump, links
from tests.behaviour.order_models import TYPES, Line, Order, Rates, holding, put, take

RELATIONS = list(TYPES)
PLAIN = [name for name in RELATIONS if name != "rated"]
FIRST = ["put", "delete"]


async def keys(place):
    """Return the keys of all stored nodes, sorted."""
    return sorted(key for (key,) in await cypher(place, "MATCH (n) RETURN n.id"))


@pytest.fixture
async def order(session):
    """A stored order with an empty, loaded relation of every shape."""
    order = Order(id="o")
    session.add(order)
    await session.commit()
    return order


@pytest.fixture
async def line(session):
    """A stored line that nothing leads to."""
    line = Line(id="l")
    session.add(line)
    await session.commit()
    return line


def both(first, put_it, delete_it):
    """Do the two in the order of the case; return what was put in."""
    if first == "delete":
        delete_it()
        return put_it()
    held = put_it()
    delete_it()
    return held


# What a deleted node was given goes with it


@pytest.mark.parametrize("end", ["commit", "flush", "batches"])
@pytest.mark.parametrize("child", ["new", "pending", "stored"])
@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("relation", ["extras", "featured", "main", "rated"])
async def test_a_deleted_owner_stays_deleted(session, driver, order, relation, first, child, end):
    """What it was given is stored without it, and not related."""
    line = Line(id="l")
    if child != "new":
        session.add(line)
    if child == "stored":
        await session.flush()
    held = both(first, lambda: put(order, relation, line), lambda: session.delete(order))
    await (
        session.flush()
        if end == "flush"
        else session.commit(**({"atomic": False} if end == "batches" else {}))
    )
    await session.commit()
    assert await keys(driver) == ["l"]
    assert (state_of(order), state_of(line)) == (State.DELETED, State.PERSISTENT)
    if relation == "rated":
        assert (state_of(held), session.new) == (State.TRANSIENT, [])
    assert (session.deleted, session.dirty) == ([], [])


@pytest.mark.parametrize("child", ["new", "pending", "stored"])
@pytest.mark.parametrize("first", FIRST)
async def test_a_new_line_of_a_deleted_order_forgets_it(session, driver, order, first, child):
    """Both sides know of the relationship; it was made on the side that goes."""
    line = Line(id="l")
    if child != "new":
        session.add(line)
    if child == "stored":
        await session.flush()
    both(first, lambda: order.lines.append(line), lambda: session.delete(order))
    await session.commit()
    assert await keys(driver) == ["l"]
    assert line.order is None


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("relation", RELATIONS)
async def test_rollback_restores_all(session, driver, order, relation, first):
    """The order is as it was loaded, in memory and in the database; the new line is transient."""
    line = Line(id="l")
    before = getattr(order, relation)
    before = list(before) if isinstance(before, list) else before
    both(first, lambda: put(order, relation, line), lambda: session.delete(order))
    await session.rollback()
    assert (state_of(order), state_of(line)) == (State.PERSISTENT, State.TRANSIENT)
    assert getattr(order, relation) == before
    await session.commit()
    assert await keys(driver) == ["o"]


@pytest.mark.parametrize("relation", RELATIONS)
async def test_only_add_undoes_a_deletion(session, driver, order, relation):
    """add() of the order takes it back, with what it was given meanwhile."""
    put(order, relation, Line(id="l"))
    session.delete(order)
    session.add(order)
    await session.commit()
    assert await links(driver, TYPES[relation]) == [("o", "l")]


@pytest.mark.parametrize("relation", RELATIONS)
async def test_adding_an_owner_leaves_what_it_holds_deleted(session, driver, relation):
    """add() of an entity that the session holds, or took back, undoes its own deletion only."""
    order = holding(relation, line := Line(id="l"), id="o")
    session.add(order)
    await session.commit()
    session.delete(order)
    session.delete(line)
    session.add(order)
    await session.commit()
    assert await keys(driver) == ["o"]


async def test_a_line_that_moved_to_a_deleted_order_has_none(session, driver):
    """The relationship before was given up, the one after goes with the deleted order."""
    one, two = Order(id="one", lines=[line := Line(id="l")]), Order(id="two")
    session.add_all([one, two])
    await session.commit()
    two.lines.append(line)
    session.delete(two)
    await session.commit()
    assert (one.lines, line.order) == ([], None)
    assert await links(driver, "HAS") == []


async def test_both_ends_deleted(session, driver, order, line):
    """A new relationship between two nodes that go, with or without an edge entity, goes, too."""
    order.lines.append(line)
    put(order, "rated", line)
    session.delete(order)
    session.delete(line)
    await session.commit()
    assert await dump(driver) == ([], [])


# A node that stays is given one that goes


@pytest.mark.parametrize("owner", ["stored", "pending"])
@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("relation", RELATIONS)
async def test_relating_to_a_deleted_entity_is_refused(
    session, driver, line, relation, first, owner
):
    """An entity that stays is given one that goes: an error that names both, nothing written."""
    order = Order(id="o", name="before")
    session.add(order)
    if owner == "stored":
        await session.commit()
    order.name = "after"
    before = await dump(driver)
    both(first, lambda: put(order, relation, line), lambda: session.delete(line))
    for _ in range(2):
        with pytest.raises(StatementError, match="Line 'l' is being deleted") as caught:
            await session.commit()
        assert "Order 'o'" in str(caught.value)
        assert await dump(driver) == before


@pytest.mark.parametrize("way_out", ["take out", "add"])
@pytest.mark.parametrize("relation", RELATIONS)
async def test_the_ways_out_of_the_error(session, driver, order, line, relation, way_out):
    """Taking it out deletes it, adding it keeps and relates it: as the error says."""
    held = put(order, relation, line)
    session.delete(line)
    with pytest.raises(StatementError):
        await session.commit()
    if way_out == "take out":
        take(order, relation, held)
    else:
        session.add(line)
    await session.commit()
    kept = way_out == "add"
    assert await keys(driver) == (["l", "o"] if kept else ["o"])
    assert await links(driver, TYPES[relation]) == ([("o", "l")] if kept else [])


@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("line_is", ["stored", "pending", "new"])
async def test_the_side_that_stays_is_given_a_deleted_order(
    session, new_session, driver, order, line_is, first, loaded
):
    """It is an error whether or not the deleted side is loaded and shows the relationship."""
    session.expunge_all()
    order = await session.get(Order, "o", fetch=["lines"] if loaded else [])
    line = Line(id="l")
    if line_is != "new":
        session.add(line)
    if line_is == "stored":
        await session.commit()
    both(first, lambda: setattr(line, "order", order), lambda: session.delete(order))
    if line_is == "new":
        session.add(line)
    with pytest.raises(StatementError, match=r"Order 'o' is being deleted.*Line 'l'.*Line\.order"):
        await session.commit()
    line.order = None
    await session.commit()
    assert await keys(driver) == ["l"]


@pytest.mark.parametrize("first", FIRST)
async def test_an_undirected_relation_tells_the_sides_apart(session, driver, first):
    """Of two that are related the side that was used says which one gave the relationship."""
    one, two = Order(id="one"), Order(id="two")
    session.add_all([one, two])
    await session.commit()
    both(first, lambda: one.twins.append(two), lambda: session.delete(one))
    await session.commit()
    assert (await keys(driver), two.twins) == (["two"], [])
    session.add(three := Order(id="three"))
    await session.commit()
    both(first, lambda: three.twins.append(two), lambda: session.delete(two))
    with pytest.raises(StatementError, match="Order 'two' is being deleted"):
        await session.commit()


@pytest.mark.parametrize("end", ["source", "target"])
async def test_an_edge_at_a_deleted_node_is_refused(session, driver, order, line, end):
    """An edge that was added by itself needs both its ends."""
    session.add(edge := Rates(stars=1, source=order, target=line))
    session.delete(order if end == "source" else line)
    with pytest.raises(StatementError, match=r"is being deleted.*Rates.*Order 'o'.*Line 'l'"):
        await session.commit()
    assert len(await keys(driver)) == 2
    session.expunge(edge)
    await session.commit()
    assert len(await keys(driver)) == 1


@pytest.mark.parametrize("end", ["source", "target"])
@pytest.mark.parametrize("way", ["relate", "relate_many"])
async def test_relate_refuses_a_deleted_end(session, driver, order, line, end, way):
    """What is written at once is refused as well, before anything is sent."""
    session.delete(order if end == "source" else line)
    row = (order, Order.extras, line)
    with pytest.raises(StatementError, match="is being deleted"):
        await (session.relate(*row) if way == "relate" else session.relate_many([row]))
    assert await links(driver, "EXTRA") == []
    await session.commit()
    assert len(await keys(driver)) == 1


# What was there before is no contradiction


@pytest.mark.parametrize("what", ["owner", "held", "edge"])
@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("relation", RELATIONS)
async def test_a_relation_may_still_hold_what_goes(session, driver, relation, changed, what):
    """A loaded relation that holds a deleted entity, or gains another, is written around it."""
    session.add(order := holding(relation, line := Line(id="l"), id="o"))
    await session.commit()
    gone = {"owner": order, "held": line, "edge": order.rated[0] if order.rated else line}[what]
    if changed and relation in ("lines", "extras", "rated"):
        put(order, relation, Line(id="m"))
    order.name, line.score = "after", 7
    session.delete(gone)
    await session.commit()
    assert state_of(gone) is State.DELETED
    nodes = {"o", "l"} | ({"m"} if changed and relation in ("lines", "extras", "rated") else set())
    nodes -= {"o" if gone is order else "l" if gone is line else ""}
    assert await keys(driver) == sorted(nodes)
    left = [("o", "m")] if "m" in nodes and "o" in nodes else []
    assert await links(driver, TYPES[relation]) == left
    await session.commit()


# Pending entities


@pytest.mark.parametrize("how", ["delete", "expunge"])
@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("relation", RELATIONS)
async def test_a_pending_entity_that_was_let_go_does_not_come_back(
    session, driver, order, relation, first, how
):
    """What was put in before it was let go is an error, what is put in afterwards is added."""
    session.add(line := Line(id="l"))
    let_go = getattr(session, how)
    both(first, lambda: put(order, relation, line), lambda: let_go(line))
    if first == "put":
        with pytest.raises(StatementError, match=r"Line 'l' was expunged.*session\.add"):
            await session.commit()
        assert (await keys(driver), state_of(line)) == (["o"], State.TRANSIENT)
        session.add(line)
    await session.commit()
    assert await links(driver, TYPES[relation]) == [("o", "l")]


@pytest.mark.parametrize("how", ["delete", "expunge"])
async def test_a_pending_edge_that_was_let_go_does_not_come_back(session, driver, order, line, how):
    """A relation that still holds it is an error; taken out, all is well."""
    session.add(edge := Rates(source=order, target=line))
    order.rated.append(edge)
    getattr(session, how)(edge)
    with pytest.raises(StatementError, match=r"Rates .*was expunged.*Order\.rated"):
        await session.commit()
    order.rated.remove(edge)
    await session.commit()
    assert await links(driver, "RATES") == []


@pytest.mark.parametrize("how", ["delete", "expunge"])
async def test_the_owner_of_pending_entities_is_let_go(session, driver, how):
    """Those that came with it stay; where one was given its owner itself, that is an error."""
    session.add(order := Order(id="o", extras=[Line(id="k")], lines=[held := Line(id="l")]))
    getattr(session, how)(order)
    assert held.order is None
    await session.commit()
    assert await keys(driver) == ["k", "l"]
    order = Order(id="p")
    session.add(line := Line(id="m", order=order))
    getattr(session, how)(order)
    with pytest.raises(StatementError, match=r"Order 'p' was expunged.*Line 'm'.*Line\.order"):
        await session.commit()
    line.order = None
    await session.commit()
    assert await keys(driver) == ["k", "l", "m"]


async def test_a_deleted_entity_is_not_made_anew_by_a_walk(session, driver, order):
    """After its deletion was written, add() alone stores an entity again."""
    session.expunge_all()
    order = await session.get(Order, "o")
    line = Line(id="l", order=order)
    session.delete(order)
    await session.commit()
    session.add(line)
    assert state_of(order) is State.DELETED
    with pytest.raises(StatementError, match="Order 'o' was deleted"):
        await session.commit()
    session.add(order)
    await session.commit()
    assert await links(driver, "HAS") == [("o", "l")]
