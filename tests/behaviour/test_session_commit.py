"""Commit and flush: few statements, all or nothing, and a session that goes on after a failure."""

from __future__ import annotations

import datetime as dt

import pytest

from runic.ogm.driver.falkordb import AsyncFalkorDBDriver, FalkorDBDriver
from runic.ogm.errors import (
    FieldValidationError,
    PartialCommitError,
    QueryTooLargeError,
    StaleEntityError,
    StatementError,
    UniqueViolationError,
)
from runic.ogm.model import State, state_of
from tests.behaviour.graphs import cypher, dump, links
from tests.behaviour.models import Account, Article, Company, Person, Shift


async def test_a_thousand_adds_are_one_statement(session, driver, assert_query_count):
    """Flush is batched: nodes of one class go together."""
    session.add_all(Person(id=f"p{n}", name=f"Name {n}", tags=["x"]) for n in range(1000))
    with assert_query_count(at_most=2):
        await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN count(n)") == [[1000]]


@pytest.mark.requires("atomic_plan")
async def test_a_commit_of_everything_is_one_statement(session, driver, assert_query_count):
    """Creates, updates, edges, deletes and unlinks of several classes go in one statement."""
    people = [Person(id=f"p{n}", articles=[Article(id=f"a{n}")]) for n in range(4)]
    session.add_all(people)
    await session.commit()
    people[0].name = "changed"
    people[1].articles = []
    people[2].articles[0].title = "changed"
    session.delete(people[3])
    session.add(Company(id="c", staff=[people[0]]))
    with assert_query_count(1):
        await session.commit()
    assert await links(driver, "WROTE") == [("p0", "a0"), ("p2", "a2")]
    assert await links(driver, "WORKS_AT") == [("p0", "c")]


async def test_nothing_to_do_sends_nothing(session, assert_query_count):
    """A commit without changes costs no query."""
    session.add(Person(id="ada"))
    await session.commit()
    with assert_query_count(0):
        await session.commit()
        await session.flush()


async def test_only_what_changed_is_written(session, driver):
    """Properties that the session did not change keep what somebody else wrote."""
    ada = Person(id="ada", name="Ada", age=36)
    session.add(ada)
    await session.commit()
    await cypher(driver, "MATCH (n:Person) SET n.age = 37, n.unknown = 'kept'")
    ada.name = "Ada L."
    await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN n.name, n.age, n.unknown") == [
        ["Ada L.", 37, "kept"]
    ]


async def test_setting_none_removes_the_property(session, driver):
    """None is stored as an absent property."""
    ada = Person(id="ada", age=36)
    session.add(ada)
    await session.commit()
    ada.age = None
    await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN 'age' IN keys(n)") == [[False]]


async def test_changes_in_place_are_written(session, driver):
    """A list that is appended to and a dict that is edited are seen by the commit."""
    ada = Person(id="ada", tags=["x"], extra={"a": {"b": 1}})
    session.add(ada)
    await session.commit()
    ada.tags.append("y")
    ada.extra["a"]["b"] = 2
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.tags, n.extra") == [
        [["x", "y"], '{"a":{"b":2}}']
    ]


async def test_changes_after_a_commit_are_written_by_the_next(session, driver):
    """The snapshot moves with every commit."""
    ada = Person(id="ada")
    session.add(ada)
    for name in ("one", "two", "three"):
        ada.name = name
        await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.name") == [["three"]]


async def big_change(session, driver, unique):
    """Prepare 500 new nodes, 200 changed, 300 edges and 100 deletions; the last is a twin."""
    unique("Person", "email")
    old = [Person(id=f"old{n}", name="old") for n in range(200)]
    doomed = [Person(id=f"doomed{n}") for n in range(100)]
    session.add_all([*old, *doomed, Person(id="taken", email="taken@x.org")])
    await session.commit()
    before = await dump(driver)
    for person in old:
        person.name = "changed"
    for person in doomed:
        session.delete(person)
    new = [Person(id=f"new{n}", email=f"{n}@x.org") for n in range(500)]
    for one, other in zip(new[:300], [*old, *old[:100]], strict=True):
        one.follows = [other]
    new[-1].email = "taken@x.org"
    session.add_all(new)
    return before, new[-1]


async def test_a_failed_commit_leaves_the_graph_as_it_was(session, driver, unique):
    """A unique violation by the last of 1,100 changes undoes all of them, ids included."""
    before, _ = await big_change(session, driver, unique)
    with pytest.raises(UniqueViolationError, match="nothing of it was kept|unique constraint"):
        await session.commit()
    assert await dump(driver) == before


async def test_the_session_commits_after_the_culprit_is_corrected(session, driver, unique):
    """After a failed commit entities keep their changes, and the same session writes them."""
    _, culprit = await big_change(session, driver, unique)
    with pytest.raises(UniqueViolationError):
        await session.commit()
    assert (state_of(culprit), len(session.new), len(session.deleted)) == (State.PENDING, 500, 100)
    culprit.email = "free@x.org"
    await session.commit()
    assert (session.new, session.deleted, session.dirty) == ([], [], [])
    rows = await cypher(
        driver, "MATCH (n:Person) RETURN left(n.id, 3) AS kind, n.name, count(*) ORDER BY kind"
    )
    assert rows == [["new", "", 500], ["old", "changed", 200], ["tak", "", 1]]
    assert len(await links(driver, "FOLLOWS")) == 300


async def test_rollback_after_a_failed_commit_restores_memory(session, driver, unique):
    """After a failed commit a rollback restores what was last written."""
    before, culprit = await big_change(session, driver, unique)
    with pytest.raises(UniqueViolationError):
        await session.commit()
    await session.rollback()
    await session.commit()
    assert await dump(driver) == before
    assert state_of(culprit) is State.TRANSIENT
    assert (await session.get(Person, "old7")).name == "old"


async def test_a_value_that_cannot_be_stored_sends_nothing(session, driver, assert_query_count):
    """All values are checked before anything is sent, and the session stays usable."""
    session.add_all([Person(id="ada"), bad := Person(id="bob", name="a\x00b")])
    with (
        assert_query_count(0),
        pytest.raises(FieldValidationError, match=r"Person\.name cannot be stored.*NUL") as caught,
    ):
        await session.commit()
    assert (caught.value.entity, caught.value.field) == ("Person", "name")
    bad.name = "ab"
    await session.commit()
    assert await cypher(driver, "MATCH (n:Person) RETURN count(n)") == [[2]]


async def test_an_update_of_a_deleted_entity_names_it(session, driver):
    """A changed entity that is no longer there is a StaleEntityError; nothing is written."""
    ada, bob = Person(id="ada"), Person(id="bob")
    session.add_all([ada, bob])
    await session.commit()
    await cypher(driver, "MATCH (n {id: 'bob'}) DELETE n")
    ada.name = bob.name = "changed"
    with pytest.raises(StaleEntityError, match=r"Person 'bob' is no longer in the database"):
        await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.id, n.name") == [["ada", ""]]
    session.expunge(bob)
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.id, n.name") == [["ada", "changed"]]


async def test_a_delete_of_a_deleted_entity_names_it(session, driver):
    """A deletion that matches nothing is a StaleEntityError."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    await cypher(driver, "MATCH (n) DELETE n")
    session.delete(ada)
    with pytest.raises(StaleEntityError, match="Person 'ada' is no longer in the database"):
        await session.commit()


async def test_an_edge_to_a_deleted_entity_names_it(session, driver):
    """A relation to a node that is no longer there is a StaleEntityError; nothing is written."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    await cypher(driver, "MATCH (n) DELETE n")
    session.add(Article(id="a", author=ada))
    with pytest.raises(StaleEntityError, match="Person 'ada' is no longer in the database"):
        await session.commit()
    assert await dump(driver) == ([], [])


async def test_an_id_given_to_another_node_is_not_taken_for_the_entity(session, driver):
    """FalkorDB gives the id of a deleted node to the next one: that one is left alone."""
    ada = Person(id="ada")
    session.add(ada)
    await session.commit()
    await cypher(driver, "MATCH (n) DELETE n")
    await cypher(driver, "CREATE (:Person {id: 'eve', name: 'Eve'})")
    ada.name = "changed"
    with pytest.raises(StaleEntityError, match="'ada'"):
        await session.commit()
    session.delete(ada)
    with pytest.raises(StaleEntityError, match="'ada'"):
        await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.id, n.name") == [["eve", "Eve"]]


async def test_a_version_counts_the_writes(session, driver):
    """version=True starts at 0 and grows by one with every commit that changed the entity."""
    account = Account(id="a")
    session.add(account)
    await session.commit()
    await session.commit()
    assert account.revision == 0
    account.balance = 5
    await session.commit()
    assert account.revision == 1
    assert await cypher(driver, "MATCH (n) RETURN n.balance, n.revision") == [[5, 1]]


async def test_a_lost_race_is_refused_with_both_versions(session, new_session, driver):
    """The second of two writers gets StaleEntityError that names both versions."""
    session.add_all([Account(id="a"), Account(id="b")])
    await session.commit()
    mine, other = await session.get(Account, "a"), await session.get(Account, "b")
    async with new_session() as rival:
        theirs = await rival.get(Account, "a")
        theirs.balance = 1
        await rival.flush()
        theirs.balance = 2
    mine.balance, other.balance = 10, 10
    with pytest.raises(StaleEntityError, match=r"Account 'a'.*version 0 and is at 2 now"):
        await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.id, n.balance ORDER BY n.id") == [
        ["a", 2],
        ["b", 0],
    ]


async def test_after_a_lost_race_a_refresh_lets_the_change_be_made_again(
    session, new_session, driver
):
    """refresh() reads the newer version; the other changes were kept."""
    mine, other = Account(id="a"), Account(id="b")
    session.add_all([mine, other])
    await session.commit()
    async with new_session() as rival:
        (await rival.get(Account, "a")).balance = 2
    mine.balance, other.balance = 10, 10
    with pytest.raises(StaleEntityError):
        await session.commit()
    await session.refresh(mine)
    assert (mine.balance, mine.revision) == (2, 1)
    mine.balance += 10
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.balance, n.revision ORDER BY n.id") == [
        [12, 2],
        [10, 1],
    ]


async def test_a_lost_race_of_a_deletion_is_refused(session, new_session, driver):
    """Deleting an entity that was changed meanwhile is refused."""
    mine = Account(id="a")
    session.add(mine)
    await session.commit()
    async with new_session() as rival:
        (await rival.get(Account, "a")).balance = 2
    session.delete(mine)
    with pytest.raises(StaleEntityError, match="version 0 and is at 1 now"):
        await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.balance") == [[2]]


async def test_a_node_without_the_version_property_counts_from_zero(session, driver):
    """A node that was stored before the version field existed can be changed."""
    await cypher(driver, "CREATE (:Account {id: 'a', balance: 1})")
    account = await session.get(Account, "a")
    account.balance = 2
    await session.commit()
    assert account.revision == 1
    assert await cypher(driver, "MATCH (n) RETURN n.balance, n.revision") == [[2, 1]]


async def test_an_edge_has_a_version_too(session, new_session, driver):
    """A lost race over an edge entity is refused."""
    shift = Shift(day=dt.date(2026, 1, 1), source=Person(id="ada"), target=Company(id="c"))
    session.add(shift)
    await session.commit()
    async with new_session() as rival:
        person = await rival.get(Person, "ada", fetch=["shifts"])
        person.shifts[0].notes.append("late")
    assert await cypher(driver, "MATCH ()-[e:SHIFT]->() RETURN e.edits") == [[1]]
    shift.notes.append("early")
    with pytest.raises(StaleEntityError, match="version 0 and is at 1 now"):
        await session.commit()


async def test_flush_writes_and_goes_on_tracking(session, driver):
    """flush() writes what is pending and later changes are written by the next."""
    ada = Person(id="ada")
    session.add(ada)
    await session.flush()
    assert state_of(ada) is State.PERSISTENT
    ada.name = "Ada"
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN n.name") == [["Ada"]]


@pytest.mark.backend("falkordb")
async def test_too_large_a_commit_is_refused_with_the_way_out(runic_server, driver, face, call):
    """Over the size limit nothing is sent, and the error names atomic=False."""
    kind = AsyncFalkorDBDriver if face == "async" else FalkorDBDriver
    handle = runic_server.client.select_graph(driver.graph_name)
    small = kind(handle, max_query_bytes=20_000)
    session = _open(face, small)
    session.add_all(Person(id=f"p{n}", name="x" * 100) for n in range(300))
    with pytest.raises(QueryTooLargeError, match=r"300 changes.*commit\(atomic=False"):
        await session.commit()
    assert await dump(driver) == ([], [])
    await session.commit(atomic=False, batch_size=50)
    assert await cypher(driver, "MATCH (n:Person) RETURN count(n)") == [[300]]
    await call(small.close)


def _open(face, driver):
    from runic.ogm.session import AsyncSession, Session  # noqa: PLC0415
    from tests.faces import awaitable_face  # noqa: PLC0415

    return AsyncSession(driver) if face == "async" else awaitable_face(Session(driver))


async def test_batches_write_what_one_statement_would(session, driver):
    """commit(atomic=False) writes nodes, edges, updates and deletions alike."""
    people = [Person(id=f"p{n}", articles=[Article(id=f"a{n}")]) for n in range(7)]
    session.add_all(people)
    await session.commit(atomic=False, batch_size=3)
    assert len(await links(driver, "WROTE")) == 7
    people[0].articles = []
    people[1].name = "changed"
    people[2].articles.append(Article(id="new", comments=[]))
    people[3].follows = [people[4]]
    session.delete(people[5])
    await session.commit(atomic=False, batch_size=2)
    assert len(await links(driver, "WROTE")) == 6
    assert await links(driver, "FOLLOWS") == [("p3", "p4")]
    assert await cypher(driver, "MATCH (n:Person) RETURN count(n)") == [[6]]
    assert (session.new, session.dirty, session.deleted) == ([], [], [])


async def test_a_failed_batch_tells_how_far_it_came(session, driver, unique):
    """PartialCommitError names what is written; the rest stays pending and can be corrected."""
    unique("Person", "email")
    people = [Person(id=f"p{n}", email=f"{n}@x.org") for n in range(10)]
    people[7].email = "0@x.org"
    session.add_all(people)
    with pytest.raises(PartialCommitError, match=r"4 of 10 changes.*|unique") as caught:
        await session.commit(atomic=False, batch_size=4)
    assert caught.value.written == people[:4]
    assert [state_of(p) for p in people] == [State.PERSISTENT] * 4 + [State.PENDING] * 6
    people[7].email = "7@x.org"
    await session.commit()
    assert await cypher(driver, "MATCH (n) RETURN count(n)") == [[10]]


async def test_edges_left_by_a_failed_batch_are_written_later(session, driver, unique):
    """What a partial commit did not reach, relations included, the next commit writes."""
    unique("Article", "title")
    people = [Person(id=f"p{n}", articles=[Article(id=f"a{n}", title="t")]) for n in range(2)]
    session.add_all(people)
    with pytest.raises(PartialCommitError):
        await session.commit(atomic=False, batch_size=1)
    people[1].articles[0].title = "u"
    await session.commit()
    assert await links(driver, "WROTE") == [("p0", "a0"), ("p1", "a1")]


@pytest.mark.parametrize("size", [0, -1, 2.5, True, "10"])
async def test_a_batch_size_is_a_positive_number(session, size):
    """A batch size that makes no sense is refused."""
    with pytest.raises(StatementError, match="batch_size is a whole number"):
        await session.commit(atomic=False, batch_size=size)


async def test_a_violation_is_named_though_edges_follow(session, driver, unique):
    """Two new entities with one unique value, and edges between them and a stored one."""
    unique("Person", "email")
    session.add(old := Person(id="old"))
    await session.commit()
    before = await dump(driver)
    twins = [Person(id=key, email="x@x.org", follows=[old]) for key in ("one", "two")]
    session.add_all(twins)
    with pytest.raises(UniqueViolationError, match="nothing of it was kept|unique constraint"):
        await session.commit()
    assert await dump(driver) == before
    twins[0].email = "y@x.org"
    await session.commit()
    assert await links(driver, "FOLLOWS") == [("one", "old"), ("two", "old")]
