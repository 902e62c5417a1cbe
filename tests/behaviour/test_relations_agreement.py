"""Several ways to one relationship, used together: they agree in memory and in the database."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.errors import StatementError
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher, links
from tests.behaviour.models import Article, Company, Person, Shift, Wrote

DAY = dt.date(2026, 1, 1)


async def test_relate_replaces_what_a_to_one_relation_held(session, driver):
    """An employer that is related at once takes the place of the one before, loaded or not."""
    first, second = Company(id="c1"), Company(id="c2")
    ada = Person(id="ada", employer=first)
    session.add_all([ada, second])
    await session.commit()
    await session.relate(ada, "employer", second)
    assert await links(session, "WORKS_AT") == [("ada", "c2")]
    assert (ada.employer, first.staff, second.staff) == (second, [], [ada])


@pytest.mark.parametrize("relation", ["employer", "staff"])
async def test_relate_replaces_unloaded_from_either_end(session, new_session, driver, relation):
    """The end that holds one entity keeps one, whichever end the relationship is made from."""
    session.add_all([Person(id="ada", employer=Company(id="c1")), Company(id="c2")])
    await session.commit()
    async with new_session() as fresh:
        ada, company = await fresh.get(Person, "ada"), await fresh.get(Company, "c2")
        pair = (ada, company) if relation == "employer" else (company, ada)
        await fresh.relate(pair[0], relation, pair[1])
        await fresh.load(ada, "employer")
        assert ada.employer is company
    assert await links(driver, "WORKS_AT") == [("ada", "c2")]


async def test_relate_many_refuses_two_for_one_place(session, driver):
    """relate_many that gives one person two employers is refused whole."""
    ada, companies = Person(id="ada"), [Company(id="c1"), Company(id="c2")]
    session.add_all([ada, *companies])
    await session.commit()
    with pytest.raises(StatementError, match=r"employer holds one entity, and Person 'ada'"):
        await session.relate_many([(ada, "employer", company) for company in companies])
    assert await links(driver, "WORKS_AT") == []


async def test_a_relation_loaded_later_shows_unwritten_changes(session, new_session, driver):
    """What one side was given or lost shows on the other side when that is loaded."""
    session.add(Person(id="ada", follows=[Person(id="bob")]))
    session.add(Person(id="cy"))
    await session.commit()
    async with new_session() as fresh:
        ada = await fresh.get(Person, "ada", fetch=["follows"])
        bob, cy = ada.follows[0], await fresh.get(Person, "cy")
        ada.follows = [cy]
        await fresh.load([bob, cy], Person.followers)
        assert (bob.followers, cy.followers) == ([], [ada])
    assert await links(driver, "FOLLOWS") == [("ada", "cy")]


async def test_an_assigned_entity_is_gone_from_a_list_loaded_later(session, new_session, driver):
    """A list that is loaded after its member was assigned elsewhere, unloaded, is without it."""
    session.add_all([Person(id="ada", employer=Company(id="c1")), Company(id="c2")])
    await session.commit()
    async with new_session() as fresh:
        ada = await fresh.get(Person, "ada")
        ada.employer = await fresh.get(Company, "c2")
        first = await fresh.get(Company, "c1", fetch=["staff"])
        assert first.staff == []
    assert await links(driver, "WORKS_AT") == [("ada", "c2")]


async def test_a_new_edge_that_is_taken_out_is_not_written(session, driver):
    """An edge that leaves its relation before the flush is forgotten, also after add()."""
    shift = Shift(day=DAY, target=Company(id="c"))
    ada = Person(id="ada", shifts=[shift])
    session.add(ada)
    ada.shifts.remove(shift)
    await session.commit()
    assert (await links(driver, "SHIFT"), state_of(shift)) == ([], State.TRANSIENT)
    assert ada.shifts == []


async def test_an_edited_edge_may_be_taken_out(session, driver):
    """Edits of an edge that is removed in the same commit are not written; the edge goes."""
    company = Company(id="c")
    ada = Person(id="ada", shifts=[Shift(day=DAY, target=company) for _ in range(2)])
    session.add(ada)
    await session.commit()
    ada.shifts[0].notes.append("late")
    ada.shifts.pop(0)
    await session.commit()
    assert len(await links(driver, "SHIFT")) == 1


async def test_an_edited_edge_may_be_cut_by_its_nodes(session, driver):
    """The same by the relation of nodes that runs over the edge."""
    ada, article = Person(id="ada"), Article(id="a")
    edge = Wrote(source=ada, target=article)
    session.add(edge)
    await session.commit()
    edge.role = "editor"
    article.author = None
    await session.commit()
    assert (await links(driver, "WROTE"), state_of(edge)) == ([], State.DELETED)


async def test_a_merged_edge_entity_takes_the_place_of_the_one_before(session, driver):
    """One relationship has one place in the session; what is set on the entity before is kept."""
    ada, article = Person(id="ada"), Article(id="a")
    before = Wrote(role="author", source=ada, target=article)
    session.add(before)
    await session.commit()
    now = await session.relate(ada, "articles", article, edge=Wrote(role="editor"))
    assert (before.role, state_of(before), state_of(now)) == (
        "editor",
        State.DETACHED,
        State.PERSISTENT,
    )
    before.role = "nobody"
    await session.commit()
    assert await cypher(driver, "MATCH ()-[e:WROTE]->() RETURN e.role") == [["nobody"]]
    assert now.role == "nobody"


async def test_two_new_edges_for_one_place_are_one(session, driver):
    """Without multiple=True two new edges between the same nodes are one: the last field counts."""
    ada, article = Person(id="ada"), Article(id="a")
    session.add(first := Wrote(role="author", year=2000, source=ada, target=article))
    session.add(second := Wrote(role="editor", source=ada, target=article))
    await session.commit()
    assert await cypher(driver, "MATCH ()-[e:WROTE]->() RETURN e.role, e.year") == [
        ["editor", 2000]
    ]
    assert (first.role, second.year) == ("editor", 2000)
    assert (state_of(first), state_of(second)) == (State.PERSISTENT, State.DETACHED)


@pytest.mark.backend("falkordb")
async def test_rollback_after_unrelate_keeps_edges_gone(session, driver):
    """Edges that unrelate() has deleted do not come back into their relation by a rollback."""
    company = Company(id="c")
    ada = Person(id="ada", shifts=[Shift(day=DAY, target=company)])
    session.add(ada)
    await session.commit()
    await session.unrelate(ada, "shifts", company)
    await session.rollback()
    assert ada.shifts == []
    await session.commit()
    assert await links(driver, "SHIFT") == []
