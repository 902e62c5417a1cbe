"""Indexes and constraints of AGE: SQL on the tables that it keeps labels and types in; no I/O."""

from __future__ import annotations

from runic.ogm.driver.age.sql import SqlQuery
from runic.ogm.query.definitions import Constraint


def constraint_queries(constraint: Constraint, *, drop: bool) -> list[SqlQuery]:
    """Return what makes a constraint, or drops it."""
    return []
