"""Look at a graph below the session, as a test needs it."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Any

from runic.ogm.driver.base import Driver
from runic.ogm.query import Query
from runic.ogm.query.definitions import RangeIndex, Stored
from runic.ogm.query.dialect import Dialect

Dump = tuple[list[Any], list[Any]]

_VECTOR = re.compile(r"vecf32\((\[[^]]*\]|\$\w+)\)")
_LABELLED = re.compile(r"\((\w*)((?::\w+){2,})\s*(\{)?")


async def cypher(place: Any, text: str, **params: Any) -> list[list[Any]]:
    """Run Cypher and return its rows.

    `place` is a driver, to which only what is committed is there, or a session, which sees what it
    has written as well.
    """
    if isinstance(place, Driver):
        return (await place.run(Query(worded(text, place.dialect), params))).rows
    return [list(row) for row in (await place.execute(text, params)).rows]


def worded(text: str, dialect: Dialect) -> str:
    """Return Cypher of a test as the database words it: labels of a node, and vectors."""
    if dialect.name == "falkordb":
        return text
    text = _VECTOR.sub(r"\1", text).replace("labels(n)", dialect.labels_of("n"))
    return _LABELLED.sub(_with_list, text) if dialect.name == "age" else text


def _with_list(match: re.Match[str]) -> str:
    alias, labels, properties = match[1], match[2].split(":")[1:], match[3]
    return f"({alias}:{labels[0]} {{_labels: {labels}{', ' if properties else '}'}"


async def index(driver: Driver, label: str, name: str) -> None:
    """Make a range index on a property of the nodes of a label, and wait until it is used."""
    dialect = driver.dialect
    for query in dialect.create_index(RangeIndex("node", label, (name,)), None):
        await driver.run(query)
    while any(one.readiness == "building" for one in await _stored(driver)):
        await driver.pause(0.01)


async def _stored(driver: Driver) -> list[Stored]:
    replies = [await driver.run(query) for query in driver.dialect.inventory()]
    rows = [[dict(zip(r.columns, row, strict=True)) for row in r.rows] for r in replies]
    return driver.dialect.read_inventory(rows)


async def dump(place: Any) -> Dump:
    """Return every node and relationship with its id, labels and properties, in order of id."""
    nodes = [row[0] for row in await cypher(place, "MATCH (n) RETURN n")]
    edges = [row[0] for row in await cypher(place, "MATCH ()-[e]->() RETURN e")]
    return sorted(nodes, key=itemgetter(0)), sorted(edges, key=itemgetter(0))


async def links(place: Any, type_: str) -> list[tuple[Any, Any]]:
    """Return the keys of both ends of every relationship of a type, sorted."""
    rows = await cypher(
        place, f"MATCH (s)-[e:{type_}]->(t) RETURN s.id, t.id, id(e) ORDER BY s.id, t.id"
    )
    return [(row[0], row[1]) for row in rows]
