"""merge(): write nodes whether or not they are in the database."""

from __future__ import annotations

import pytest

from runic.ogm.errors import (
    EntityNotFoundError,
    FieldValidationError,
    SessionError,
    StatementError,
    UniqueViolationError,
)
from runic.ogm.model import State, state_of
from runic.ogm.query import merge, select
from tests.behaviour.graphs import cypher, dump
from tests.behaviour.models import Account, Article, Counter, Person, Wrote


async def test_merge_creates_what_is_not_there(session, driver):
    """A node without a stored twin is created whole and is in the session."""
    ada = Person(id="ada", name="Ada", tags=["x"])
    merged = await session.merge(ada)
    assert merged is ada
    assert state_of(ada) is State.PERSISTENT
    assert await cypher(session, "MATCH (n:Person) RETURN n.id, n.name, n.tags") == [
        ["ada", "Ada", ["x"]]
    ]


async def test_merge_sets_only_what_was_given(session, new_session, driver):
    """On a stored node only the fields that were given are set; defaults overwrite nothing."""
    await cypher(driver, "CREATE (:Person {id: 'ada', name: 'Ada', age: 36, other: 'kept'})")
    merged = await session.merge(Person(id="ada", age=37))
    assert (merged.name, merged.age) == ("Ada", 37)
    assert await cypher(session, "MATCH (n) RETURN n.name, n.age, n.other") == [["Ada", 37, "kept"]]


async def test_merge_given_none_removes(session, driver):
    """A field that was given as None is removed from the stored node."""
    await cypher(driver, "CREATE (:Person {id: 'ada', age: 36})")
    await session.merge(Person(id="ada", age=None))
    assert await cypher(session, "MATCH (n) RETURN n.age") == [[None]]


async def test_merge_returns_the_held_object(session, driver):
    """When the session holds the entity, that object takes the merged values and is returned."""
    held = Person(id="ada", name="Ada")
    session.add(held)
    await session.commit()
    merged = await session.merge(Person(id="ada", age=36))
    assert merged is held
    assert (held.name, held.age) == ("Ada", 36)


async def test_merged_entities_are_followed(session, driver):
    """Changes after a merge are written by the next commit, and only they."""
    merged = await session.merge(Person(id="ada", name="Ada"))
    assert session.dirty == []
    merged.name = "changed"
    await session.commit()
    assert await cypher(session, "MATCH (n) RETURN n.name") == [["changed"]]


async def test_merge_of_many_keeps_their_order(session, driver, assert_query_count):
    """A thousand nodes, half of them stored, are one statement, returned in the order given."""
    session.add_all(Person(id=f"p{n}", name="old") for n in range(0, 1000, 2))
    await session.commit()
    session.expunge_all()
    with assert_query_count(1):
        merged = await session.merge([Person(id=f"p{n}", name="new") for n in range(1000)])
    assert [p.id for p in merged] == [f"p{n}" for n in range(1000)]
    assert {p.name for p in merged} == {"new"}
    assert await cypher(session, "MATCH (n {name: 'new'}) RETURN count(n)") == [[1000]]


async def test_merge_of_nothing(session, assert_query_count):
    """An empty list is no query."""
    with assert_query_count(0):
        assert await session.merge([]) == []


async def test_merge_groups_by_what_was_given(session, driver):
    """Nodes with different given fields keep each their own stored values."""
    await cypher(
        driver,
        "CREATE (:Person {id: 'a', name: 'A', age: 1}), (:Person {id: 'b', name: 'B', age: 2})",
    )
    one, two = await session.merge([Person(id="a", name="x"), Person(id="b", age=3)])
    assert (one.name, one.age, two.name, two.age) == ("x", 1, "B", 3)


async def test_merging_one_key_twice_is_one_node(session, driver):
    """Two objects of one key in one merge are one node and one object."""
    one, two = await session.merge([Person(id="a", name="x"), Person(id="a", name="x")])
    assert one is two
    assert await cypher(session, "MATCH (n) RETURN count(n)") == [[1]]


async def test_merge_counts_versions(session, driver):
    """A merge that changes a stored node counts its version up."""
    session.add(Account(id="a"))
    await session.commit()
    session.expunge_all()
    merged = await session.merge(Account(id="a", balance=5))
    assert (merged.balance, merged.revision) == (5, 1)
    merged.balance = 6
    await session.commit()
    assert merged.revision == 2


async def test_merge_of_a_generated_int_key_needs_the_key(session):
    """A node whose key the database makes cannot be found without it."""
    with pytest.raises(StatementError, match="id, which is None"):
        await session.merge(Counter(label="x"))


async def test_a_key_that_the_database_makes_is_not_given_by_a_merge(session, driver):
    """What is stored is changed; what is not is refused, and nothing is written."""
    session.add(stored := Counter(label="x"))
    await session.commit()
    session.expunge_all()
    assert (await session.merge(Counter(id=stored.id, label="y"))).label == "y"
    other = stored.id + 1000
    with pytest.raises(EntityNotFoundError, match=f"Counter {other} is not in the database"):
        await session.merge([Counter(id=stored.id, label="z"), Counter(id=other, label="z")])
    with pytest.raises(StatementError, match=r"Counter\.id is made by the database"):
        await session.execute(merge(Counter).values([{"id": other, "label": "z"}]))
    with pytest.raises(StatementError, match=r"Counter\.id is made by the database"):
        merge(Counter).on(Counter.label).values([{"id": other, "label": "z"}])
    await session.commit()
    assert await cypher(driver, "MATCH (n:Counter) RETURN n.id, n.label") == [[stored.id, "y"]]


async def test_a_merge_by_another_field_makes_the_key(session, new_session):
    """New nodes get the key of the database, stored ones keep theirs."""
    session.add(stored := Counter(label="x"))
    await session.commit()
    rows = [{"label": "x"}, {"label": "y"}]
    await session.execute(merge(Counter).on(Counter.label).values(rows))
    await session.commit()
    found = await new_session().scalars(select(Counter).order_by(Counter.label))
    assert [each.label for each in found] == ["x", "y"]
    assert found[0].id == stored.id
    assert await new_session().get(Counter, found[1].id) is not None
    assert found[1].id != stored.id


async def test_merge_refuses_what_it_cannot_write(session):
    """Edges, entities of a session and entities with relations are refused."""
    with pytest.raises(StatementError, match="for edges use relate"):
        await session.merge(Wrote())
    ada = Person(id="ada")
    session.add(ada)
    with pytest.raises(SessionError, match="in a session already"):
        await session.merge(ada)
    with pytest.raises(StatementError, match=r"Person\.articles holds entities"):
        await session.merge(Person(id="x", articles=[Article(id="a")]))


async def test_a_refused_value_writes_nothing(session, driver):
    """All rows are checked before anything is sent."""
    with pytest.raises(FieldValidationError, match=r"Person\.name"):
        await session.merge([Person(id="a"), Person(id="b", name="x\x00")])
    assert await dump(driver) == ([], [])


async def test_a_unique_violation_merges_nothing(session, driver, unique):
    """A merge that is refused by the database leaves nothing behind, in memory either."""
    unique("Person", "email")
    session.add(Person(id="x", email="x@x.org"))
    await session.commit()
    ada, bob = Person(id="a", email="a@x.org"), Person(id="b", email="x@x.org")
    before = await dump(driver)
    with pytest.raises(UniqueViolationError):
        await session.merge([ada, bob])
        await session.commit()  # where the database looks for equal values
    await session.rollback()
    assert await dump(driver) == before
    assert (state_of(ada), state_of(bob)) == (State.TRANSIENT, State.TRANSIENT)


async def test_a_detached_entity_can_be_merged(session, new_session, driver):
    """merge() of an entity of a closed session gives this session's object for it."""
    ada = Person(id="ada", name="Ada")
    async with new_session() as other:
        other.add(ada)
    merged = await session.merge(ada)
    merged.name = "changed"
    await session.commit()
    assert await cypher(session, "MATCH (n) RETURN n.name") == [["changed"]]


async def test_a_merge_that_fails_leaves_nothing_of_any_class(session, driver, unique):
    """Nodes of several classes and sets of fields are merged all or not at all."""
    unique("Person", "email")
    await cypher(driver, "CREATE (:Person {id: 'bob', email: 'b@x.org'})")
    before = await dump(driver)
    taken = Person(id="ada", email="b@x.org")
    with pytest.raises(UniqueViolationError):
        await session.merge([Article(id="1", title="One"), Person(id="eve"), taken])
        await session.commit()
    assert await dump(driver) == before


@pytest.mark.parametrize("way", ["session", "statement"])
async def test_merge_with_nothing_given_leaves_a_stored_node_as_it_is(session, driver, way):
    """Neither a field nor the version changes, on a node that is there; a new one is made."""
    session.add(Account(id="a", balance=7))
    await session.commit()
    for _ in range(2):
        for key in ("a", "b"):
            if way == "session":
                await session.merge(Account(id=key))
            else:
                await session.execute(merge(Account).values([{"id": key}]))
    await session.commit()
    rows = await cypher(driver, "MATCH (n:Account) RETURN n.id, n.balance, n.revision")
    assert sorted(rows) == [["a", 7, 0], ["b", 0, 0]]
