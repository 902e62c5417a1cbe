"""What it costs to build statements and to turn them into text: no server, no driver.

A statement is built anew for each measurement, with other values than before. `first` is the cost
of compiling the first statement of a shape, `again` of one whose shape was compiled before; a class
of which nothing was ever compiled costs more, once.
"""

from __future__ import annotations

import gc
import time
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from benchmarks.models import Article, Author, Document, User
from runic.ogm import col, connect, delete, insert, merge, param, select, update
from runic.ogm.driver.falkordb.dialect import FalkorDBDialect
from runic.ogm.query import compile_select
from runic.ogm.query.memory import memory_of
from runic.ogm.query.search import text_search, vector_search
from runic.ogm.query.statement import Statement

BUDGET = "budget of a typical one (three predicates, order, limit): first 25, again 6"

_DIALECT = FalkorDBDialect()
_EACH = 50

_KEPT = select(User).where(
    User.age > param("age"), User.city == param("city"), User.active == param("active")
)

_WRITTEN: Any = Author.articles


@dataclass(frozen=True, slots=True)
class Cost:
    """A row of the table; times in microseconds, the least of all repeats."""

    name: str
    build: float
    first: float
    again: float


SHAPES: dict[str, Callable[[int], Any]] = {
    "select, typical": lambda i: (
        select(User)
        .where(User.age > i % 90, User.city == f"City {i}", User.active == True)  # noqa: E712
        .order_by(User.name)
        .limit(i)
    ),
    "select, bound": lambda i: (
        _KEPT.order_by(User.name).limit(i).bind(age=i, city=f"City {i}", active=True)
    ),
    "select, a hop and a count": lambda i: (
        select(Author)
        .where(_WRITTEN.any(Article.year == i))
        .traverse(Author.reads)
        .where(Article.title == f"Title {i}")
        .limit(i)
    ),
    "select, columns": lambda i: (
        select(User).where(User.age > i).project((col(User.age) + i).as_("sum"), User.name).limit(i)
    ),
    "update": lambda i: update(User).where(User.age > i, User.city == f"{i}").values(score=i / 3),
    "delete": lambda i: delete(User).where(User.age > i, User.active == False),  # noqa: E712
    "insert": lambda i: insert(Article).values([{"id": f"{i}", "title": f"{i}", "year": i}]),
    "merge": lambda i: merge(Article).values([{"id": f"{i}", "title": f"{i}", "year": i}]),
    "connect": lambda i: connect(Author.articles).where(Author.age > i, Article.year == i),
    "full-text search": lambda i: text_search(Document, f"word{i}").where(Document.year > i),
    "vector search": lambda i: vector_search(Document, "vector", [i, 1.0], k=i + 1),
}


def cost(name: str, repeats: int) -> Cost:
    """Return what a sort of statement costs to build and to compile."""
    make = SHAPES[name]
    compiled(make(1))
    gc.collect()
    measures = (_building, _first, _again)
    times = [[measure(make) for measure in measures] for _ in range(repeats)]
    return Cost(name, *(min(each) for each in zip(*times, strict=True)))


def _building(make: Callable[[int], Any]) -> float:
    started = time.perf_counter()
    for number in range(_EACH):
        make(number)
    return (time.perf_counter() - started) / _EACH * 1e6


def _first(make: Callable[[int], Any]) -> float:
    statements = [make(number) for number in range(_EACH)]
    taken = 0.0
    for stmt in statements:
        memory_of(stmt.entity).plans.clear()
        started = time.perf_counter()
        compiled(stmt)
        taken += time.perf_counter() - started
    return taken / _EACH * 1e6


def _again(make: Callable[[int], Any]) -> float:
    statements = [make(number) for number in range(_EACH)]
    started = time.perf_counter()
    for stmt in statements:
        compiled(stmt)
    return (time.perf_counter() - started) / _EACH * 1e6


def compiled(stmt: Any) -> Any:
    """Return what a session sends for a statement, and how it reads the reply."""
    if isinstance(stmt, Statement):
        return compile_select(stmt, _DIALECT)
    return stmt.compile(_DIALECT)


def call_cost() -> float:
    """Return the nanoseconds of calling a function that does nothing, to compare machines by."""
    each = 10_000
    return min(timeit.repeat(_nothing, number=each, repeat=50)) / each * 1e9


def _nothing() -> None:
    return None


def cost_table(repeats: int) -> Table:
    """Return the table of all sorts of statements."""
    table = Table(title="µs a statement")
    for name in ("statement", "build", "first", "again"):
        table.add_column(name, justify="left" if name == "statement" else "right", no_wrap=True)
    for name in SHAPES:
        row = cost(name, repeats)
        table.add_row(name, f"{row.build:.1f}", f"{row.first:.1f}", f"{row.again:.1f}")
    return table
