"""The Neo4j driver, and the factory that makes it from a name or a URL; the factory does no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import neo4j

from runic.ogm.driver.bolt import BoltDriver, Failures, Meaning, read_settings
from runic.ogm.driver.bolt.encode import literal
from runic.ogm.driver.cypher_text.reading import may_write
from runic.ogm.driver.neo4j import definitions
from runic.ogm.driver.neo4j.dialect import Neo4jDialect, Neo4jEnterpriseDialect
from runic.ogm.driver.registry import DriverRequest
from runic.ogm.errors import DriverError, StatementError, UniqueViolationError
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint, Definition, RangeIndex, UniqueConstraint

_DIALECTS = {"community": Neo4jDialect, "enterprise": Neo4jEnterpriseDialect}


class Neo4jDriver(BoltDriver):
    """One database of a Neo4j server, 5.26 or later; for `Session`, as it blocks."""

    failures: ClassVar[Failures] = Failures(
        "Neo4j",
        (
            Meaning(
                r"ConstraintCreationFailed|ConstraintVerificationFailed",
                UniqueViolationError,
                "stored values violate the constraint, which was not made",
            ),
        ),
    )

    def check_reading(self, query: Query, transaction: neo4j.Transaction) -> None:
        """Have the server say what a text does that looks as if it could write; nothing is run."""
        if not may_write(query.text):
            return
        asked = literal(f"EXPLAIN {query.text}")
        if transaction.run(asked, dict(query.params)).consume().query_type != "r":
            raise DriverError(
                "this text is not read-only, and it was not run: leave out read_only=True",
                statement=query.text,
            )

    async def constrain(self, constraint: Constraint, *, drop: bool = False) -> None:
        """Make a constraint, or drop it; a unique one takes the place of an index.

        Raises a `DriverError`; `UniqueViolationError` if stored values are against it.
        """
        stored = await self._stored()
        change = self._removal if drop else self._creation
        for query in change(constraint, stored):
            await self.run(query)

    async def _stored(self) -> list[Definition]:
        replies = [await self.run(query) for query in self.dialect.inventory()]
        maps = [[dict(zip(r.columns, row, strict=True)) for row in r.rows] for r in replies]
        return [found.definition for found in self.dialect.read_inventory(maps)]

    def _creation(self, constraint: Constraint, stored: list[Definition]) -> Iterator[Query]:
        # A unique constraint brings its index, and is refused where there is one already.
        kept = {d.name for d in stored if isinstance(d, Constraint)}
        index = RangeIndex(constraint.on, constraint.label, constraint.properties)
        for found in stored if isinstance(constraint, UniqueConstraint) else ():
            if found.identity == index.identity and found.name not in kept:
                yield definitions.drop("INDEX", found)
        yield definitions.constraint(constraint, self.dialect)

    def _removal(self, constraint: Constraint, stored: list[Definition]) -> Iterator[Query]:
        for found in stored:
            if found.identity == constraint.identity:
                yield definitions.drop("CONSTRAINT", found)


def create(request: DriverRequest) -> Neo4jDriver:
    """Return a driver for `neo4j://`, which asks for the cluster's members, or `bolt://`.

    `+s` after either encrypts and checks the certificate, `+ssc` encrypts only. Takes the options
    of `BoltSettings`, `graph` (the database), and `edition`, "community" or "enterprise".
    """
    scheme, _, security = request.name.partition("+")
    settings, rest = read_settings(
        request.name,
        request.options,
        frozenset({"graph", "edition"}),
        routing=scheme == "neo4j",
        tls=bool(security),
        trust="any" if security == "ssc" else "system",
    )
    edition = rest.get("edition", "community")
    if edition not in _DIALECTS:
        raise StatementError(f"edition is {' or '.join(map(repr, _DIALECTS))}, not {edition!r}")
    return Neo4jDriver(settings, _DIALECTS[edition](), rest.get("graph"))
