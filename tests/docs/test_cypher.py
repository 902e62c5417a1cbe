"""docs/cypher.md: every builder form of its tables runs, says what it should, and is listed.

The forms are executed on each chosen database (see tests/backends), against its column.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

import runic.ogm.query
from runic.ogm import (
    Criterion,
    Dialect,
    Edge,
    Expression,
    Node,
    Path,
    QueryResult,
    SchemaManager,
    Session,
    Statement,
)
from runic.ogm.errors import OgmError, UnsupportedFeatureError
from runic.ogm.model import Registry
from runic.ogm.query import Change, select
from tests.backends import FALKORDB, selected
from tests.docs.cypher_table import DATABASES, HEAD, MARKS, PAGE, Row, rows
from tests.docs.pages import Reader, blocks_of

ROWS = rows()
# Those that build a statement; the others ask the session.
STATEMENTS = [row for row in ROWS if row.says]
# What a statement is made of and run with; the rest are functions, of which each has a row.
FRAME = (
    "Attribute Capabilities Change Compiled Criterion Dialect EdgeColumn EntityColumns "
    "Expression Fetch Mapped NodeColumn Path Query RelationAttribute RowSelect Select "
    "SingleSelect Statement TupleSelect Union ValueColumn checked_paths compile_count "
    "compile_exists compile_select id_lookup key_lookup load_relation rel size "
)


def name_of(row: Row) -> str:
    """Return a row's name for the test report."""
    return row.cypher


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Execute the tables on every chosen database."""
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", selected(), scope="module")


@pytest.fixture(scope="module")
def page() -> Iterator[dict[str, Any]]:
    """Return what the first block of the page leaves behind: models, a session, and the data."""
    with pytest.MonkeyPatch.context() as patch:
        registry = Registry()
        patch.setattr(Node, "__runic_registry__", registry)
        patch.setattr(Edge, "__runic_registry__", registry)
        module = types.ModuleType("cypher_page_models")
        patch.setitem(sys.modules, module.__name__, module)
        reader = Reader(module)
        reader.read(blocks_of(PAGE)[0])
        yield reader.names
        reader.names["session"].close()
        reader.close()


@pytest.fixture(scope="module")
def names(
    database: str, page: dict[str, Any], request: pytest.FixtureRequest
) -> Iterator[dict[str, Any]]:
    """Return the same with a session on the database under test."""
    if database == FALKORDB:
        yield page
        return
    backend = request.getfixturevalue("running_backends").get(database)
    driver = backend.fresh_driver()
    with pytest.MonkeyPatch.context() as patch, Session(driver) as session:
        patch.setitem(page, "session", session)
        SchemaManager(driver).create_all(page["Article"])
        yield page
    backend.reset(driver)
    driver.close()


@pytest.fixture
def fresh(names: dict[str, Any]) -> dict[str, Any]:
    """Return them with the data as it was at first, and a session that holds nothing."""
    session = names["session"]
    session.rollback()
    session.execute("MATCH (n) DETACH DELETE n")
    session.commit()
    session.expunge_all()
    names["store"]()
    session.expunge_all()
    return names


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_the_builder_form_gives_what_the_table_says(
    row: Row, database: str, fresh: dict[str, Any]
) -> None:
    """Each row is executed on a real server, or refused; one in words is executed all the same."""
    if row.marks[database] == "no":
        with pytest.raises(OgmError):
            answered(eval(row.build, fresh), fresh)
        return
    built = eval(row.build, fresh)
    assert (statement_of(built, fresh) is None) == (row.says == "")
    answer = answered(built, fresh)
    assert answer == row.expected if row.gives.startswith("`") else answer


@pytest.mark.parametrize("row", STATEMENTS, ids=name_of)
def test_the_builder_form_says_the_clause(row: Row, page: dict[str, Any]) -> None:
    """In plain openCypher the statement has the words that the row is about."""
    assert row.says in statement_of(eval(row.build, page), page).build().text


def statement_of(built: Any, names: dict[str, Any]) -> Any:
    """Return the statement that a row is about; None where the row asks the session itself."""
    if isinstance(built, Criterion):
        return select(names["User"]).where(built)
    if isinstance(built, Expression):
        return select(names["User"]).order_by("id").project(built.as_("x"))
    return built if isinstance(built, Statement | Change) else None


def answered(built: Any, names: dict[str, Any]) -> Any:
    """Return what a row gives, as the table shows it."""
    session, stmt = names["session"], statement_of(built, names)
    if isinstance(stmt, Change):
        result = session.execute(stmt)
        return result.rows or result.affected
    if stmt is None:
        return shown(built.rows if isinstance(built, QueryResult) else built, ordered=False)
    rows = [tuple(row.values()) for row in session.all_rows(stmt)]
    # Of an expression the value for Ada, who is the first.
    found = shown(rows, ordered=bool(stmt.orders))
    return found[0] if isinstance(built, Expression) and not isinstance(built, Criterion) else found


def shown(value: Any, *, ordered: bool) -> Any:
    """Return rows of one cell as a list of cells, and entities by their keys."""
    if not isinstance(value, list):
        return value
    rows = [row[0] if isinstance(row, tuple) and len(row) == 1 else row for row in value]
    rows = [plain(row) for row in rows]
    return rows if ordered else sorted(rows, key=repr)


def plain(cell: Any) -> Any:
    """Return a cell with the keys of entities in their place."""
    if isinstance(cell, Node):
        return cell.id  # type: ignore[attr-defined]
    if isinstance(cell, Path):
        return repr([node.id for node in cell.nodes])
    if isinstance(cell, tuple | list):
        return type(cell)(plain(each) for each in cell)
    return cell


def test_every_table_has_the_same_columns() -> None:
    """All tables have the databases in one order, and a mark for each."""
    heads = [line for line in PAGE.read_text().splitlines() if line.startswith("| openCypher")]
    assert {tuple(cell.strip() for cell in head.split("|")[1:5]) for head in heads} == {HEAD}
    assert {tuple(cell.strip().lower() for cell in head.split("|")[5:-1]) for head in heads} == {
        DATABASES
    }
    assert {mark for row in ROWS for mark in row.marks.values()} <= set(MARKS)


def test_every_function_has_a_row() -> None:
    """What `runic.ogm.query` exports for building is in some builder form."""
    forms = " ".join(row.build for row in ROWS)
    missing = [
        name
        for name in runic.ogm.query.__all__
        if name not in FRAME.split() and f"{name}(" not in forms
    ]
    assert missing == []


def dialects() -> list[Dialect]:
    """Return the dialects of this package."""
    made: list[Dialect] = []
    for name in DATABASES:
        try:
            module = importlib.import_module(f"runic.ogm.driver.{name}.dialect")
        except ModuleNotFoundError:
            continue
        found = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, Dialect)]
        made.append(next(each for each in found if each.name == name)())
    return made


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_what_a_dialect_refuses_is_marked(dialect: Dialect, page: dict[str, Any]) -> None:
    """The table never promises what a dialect of this package refuses."""
    promised = []
    for row in STATEMENTS:
        try:
            statement_of(eval(row.build, page), page).build(dialect)
        except UnsupportedFeatureError:
            promised += [row.cypher] if row.marks[dialect.name] != "no" else []
    assert promised == []


def test_what_memgraph_lacks_is_refused_before_it_is_sent(page: dict[str, Any]) -> None:
    """No server of it runs here to refuse anything: its dialect refuses each "no" of its column."""
    (dialect,) = (each for each in dialects() if each.name == "memgraph")
    for row in STATEMENTS:
        if row.marks["memgraph"] == "no":
            with pytest.raises(UnsupportedFeatureError):
                statement_of(eval(row.build, page), page).build(dialect)
