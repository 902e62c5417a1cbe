"""Find the stored values that keep a constraint from being made.

Asked by the schema room after the database refused it, to say which values have to change.
"""

from __future__ import annotations

from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint, Definition, UniqueConstraint
from runic.ogm.query.dialect import Dialect

SHOWN = 3


def violations(constraint: Constraint, dialect: Dialect) -> Query:
    """Return a query for what a constraint forbids.

    For a unique constraint its rows are a value and how many have it, for the most frequent ones;
    for a required one it is a single row with the number of entities that lack the property.
    """
    place, value = match_all(constraint, dialect), value_of(constraint, dialect)
    if not isinstance(constraint, UniqueConstraint):
        return Query(f"MATCH {place} WHERE {value} IS NULL RETURN count(n)", read_only=True)
    text = (
        f"MATCH {place} WHERE {value} IS NOT NULL WITH {value} AS value, count(n) AS times"
        f" WHERE times > 1 RETURN value, times ORDER BY times DESC, value LIMIT {SHOWN}"
    )
    return Query(text, read_only=True)


def match_all(definition: Definition, dialect: Dialect) -> str:
    """Return the pattern of every entity of the definition's label or type, as `n`."""
    label = dialect.quote(definition.label)
    return f"(n:{label})" if definition.on == "node" else f"()-[n:{label}]->()"


def value_of(definition: Definition, dialect: Dialect) -> str:
    """Return the definition's property of `n`."""
    return f"n.{dialect.quote(definition.properties[0])}"
