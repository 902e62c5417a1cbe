"""Transactions and savepoints, or their refusal."""

from __future__ import annotations

import pytest

from runic.ogm.driver.base import Driver, Transaction
from runic.ogm.errors import DriverError, QuerySyntaxError, UnsupportedFeatureError
from runic.ogm.query.compiled import Query
from runic.ogm.testing.suite.requirement import requirement, rows, things, write

_READ = Query("MATCH (n:Thing) RETURN n.name AS name ORDER BY name", read_only=True)


def _new(name: str) -> Query:
    return Query("CREATE (:Thing {name: $name})", {"name": name})


async def _fail(begun: Transaction) -> None:
    with pytest.raises(QuerySyntaxError):
        await begun.run(Query("RETRUN 1 AS one"))


class TransactionRequirements:
    """What `Driver.begin` returns."""

    @requirement("transactions")
    async def test_a_commit_keeps_everything(self, driver: Driver) -> None:
        """What was run is there after the commit."""
        begun = await driver.begin()
        await begun.run(_new("a"))
        await begun.run(_new("b"))
        await begun.commit()
        assert await things(driver) == ["a", "b"]

    @requirement("transactions")
    async def test_a_rollback_undoes_everything(self, driver: Driver) -> None:
        """Nodes, changes and deletions are undone."""
        await write(driver, "CREATE (:Thing {name: 'a'}), (:Thing {name: 'b'})")
        begun = await driver.begin()
        await begun.run(_new("c"))
        await begun.run(Query("MATCH (n:Thing {name: 'a'}) SET n.name = 'z'"))
        await begun.run(Query("MATCH (n:Thing {name: 'b'}) DETACH DELETE n"))
        await begun.rollback()
        assert await things(driver) == ["a", "b"]

    @requirement("transactions")
    async def test_a_transaction_sees_its_own_writes_alone(self, driver: Driver) -> None:
        """They are read inside of it, and not outside before the commit."""
        await write(driver, "CREATE (:Thing {name: 'a'})")
        begun = await driver.begin()
        await begun.run(_new("b"))
        assert (await begun.run(_READ)).rows == [["a"], ["b"]]
        assert await things(driver) == ["a"]
        await begun.rollback()

    @requirement("transactions")
    async def test_an_ended_transaction_may_be_rolled_back(self, driver: Driver) -> None:
        """After commit and after rollback that does nothing."""
        for end in ("commit", "rollback"):
            begun = await driver.begin()
            await begun.run(_new(end))
            await getattr(begun, end)()
            await begun.rollback()
        assert await things(driver) == ["commit"]

    @requirement("transactions")
    async def test_an_ended_transaction_runs_nothing(self, driver: Driver) -> None:
        """A query after the end is a DriverError, not a write of its own."""
        for end in ("commit", "rollback"):
            begun = await driver.begin()
            await getattr(begun, end)()
            with pytest.raises(DriverError):
                await begun.run(_new("late"))
        assert await things(driver) == []

    @requirement("transactions")
    async def test_a_failed_transaction_keeps_nothing(self, driver: Driver) -> None:
        """After a query failed, commit raises a DriverError and nothing is there."""
        begun = await driver.begin()
        await begun.run(_new("a"))
        await _fail(begun)
        with pytest.raises(DriverError):
            await begun.commit()
        await begun.rollback()
        assert await things(driver) == []

    @requirement("transactions")
    async def test_transactions_give_their_connections_back(self, driver: Driver) -> None:
        """However they end: more of them follow each other than a pool has connections."""
        for _ in range(15):
            for end in ("commit", "rollback"):
                begun = await driver.begin()
                await begun.run(_READ)
                await getattr(begun, end)()
            begun = await driver.begin()
            await _fail(begun)
            await begun.rollback()
        assert await rows(driver, "RETURN 1 AS one") == [[1]]

    @requirement("transactions", "read_only")
    async def test_a_read_only_transaction_cannot_write(self, driver: Driver) -> None:
        """`begin(read_only=True)` reads; what writes is refused."""
        await write(driver, "CREATE (:Thing {name: 'a'})")
        begun = await driver.begin(read_only=True)
        assert (await begun.run(_READ)).rows == [["a"]]
        with pytest.raises(DriverError):
            await begun.run(_new("b"))
        await begun.rollback()
        assert await things(driver) == ["a"]

    @requirement("savepoints")
    async def test_rolling_back_to_a_savepoint_keeps_what_was_before(self, driver: Driver) -> None:
        """What came after is undone, and the transaction goes on."""
        begun = await driver.begin()
        await begun.run(_new("before"))
        await begun.savepoint("here")
        await begun.run(_new("after"))
        await begun.rollback_to("here")
        await begun.run(_new("later"))
        await begun.commit()
        assert await things(driver) == ["before", "later"]

    @requirement("savepoints")
    async def test_a_savepoint_survives_a_failed_query(self, driver: Driver) -> None:
        """Rolling back to it undoes the failure, too."""
        begun = await driver.begin()
        await begun.run(_new("before"))
        await begun.savepoint("here")
        await _fail(begun)
        await begun.rollback_to("here")
        await begun.commit()
        assert await things(driver) == ["before"]

    @requirement()
    async def test_what_is_missing_is_refused(self, driver: Driver) -> None:
        """Without the feature, `begin` or `savepoint` is an UnsupportedFeatureError."""
        has = driver.dialect.capabilities
        if "transactions" not in has:
            with pytest.raises(UnsupportedFeatureError):
                await driver.begin()
        elif "savepoints" not in has:
            begun = await driver.begin()
            with pytest.raises(UnsupportedFeatureError):
                await begun.savepoint("here")
            await begun.rollback()
