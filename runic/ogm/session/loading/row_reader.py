"""Run reading statements and turn their rows into what was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Protocol, TypeVar

from runic.ogm.driver.base import Result
from runic.ogm.errors import MultipleResultsError, StatementError
from runic.ogm.model.entity import Entity
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.model.state import notes_of
from runic.ogm.query import Select, Statement
from runic.ogm.query.compile import compile_count, compile_exists, compile_select
from runic.ogm.query.compiled import Query
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.fetch import paths_of
from runic.ogm.query.lookup import key_lookup
from runic.ogm.query.path import PathOf
from runic.ogm.query.select import SingleSelect
from runic.ogm.query.shapes import EntityColumns, NodeColumn
from runic.ogm.query.total import compile_with_total, counts_along
from runic.ogm.session.loading.argument_errors import shown
from runic.ogm.session.loading.hydrator import Hydrator
from runic.ogm.session.loading.relation_loader import Paths, RelationLoader, path_tree
from runic.ogm.session.loading.result import QueryResult
from runic.ogm.session.loading.result_rows import read_column, read_raw, read_rows
from runic.ogm.session.state.identity_map import IdentityMap, stored_key
from runic.ogm.session.state.unit_of_work import UnitOfWork

E = TypeVar("E", bound=Node)
T = TypeVar("T")


class Run(Protocol):
    """How a session sends a query; `timeout` in seconds."""

    def __call__(self, query: Query, timeout: float | None = None) -> Awaitable[Result]:
        """Send the query and return its result."""
        ...


class Reader:
    """Reads for one session."""

    def __init__(
        self,
        unit: UnitOfWork,
        hydrator: Hydrator,
        loader: RelationLoader,
        dialect: Dialect,
        run: Run,
    ) -> None:
        self._unit = unit
        self._hydrator = hydrator
        self._loader = loader
        self._dialect = dialect
        self._run = run

    @property
    def dialect(self) -> Dialect:
        """How the database's queries are worded."""
        return self._dialect

    async def by_key(self, cls: type[E], pk: Any, timeout: float | None) -> E | None:
        """Return the entity of a primary key, from the identity map if it is there."""
        info = node_info(cls)
        key = stored_key(info, pk, self._dialect)
        held = self._unit.identity.nodes.get((info.root, key))
        notes = notes_of(held) if held is not None else None
        if notes is not None and notes.deleting:
            return None
        if notes is None or notes.expired:
            held = await self._read_key(cls, key, timeout)
        return held if isinstance(held, cls) else None

    async def _read_key(self, cls: type[E], key: Any, timeout: float | None) -> Any:
        lookup = key_lookup(cls, self._dialect)
        hidden = self._dialect.hides(node_info(cls).key, key)
        query = Query(lookup.scan if hidden else lookup.text, {"pk": key}, read_only=True)
        rows = (await self._run(query, timeout)).rows
        if len(rows) > 1:
            raise MultipleResultsError(
                f"{len(rows)} nodes are {cls.__name__} {key!r}: its primary key is not unique in"
                " this graph; create the constraint after removing the others"
            )
        return read_column(lookup.column, rows, self._hydrator)[0] if rows else None

    async def entities(self, statement: Any, fetch: Any, timeout: float | None) -> list[Any]:
        """Return the entities of a statement, with the relations it and `fetch` name."""
        statement = fetching(statement, fetch)
        if isinstance(statement, SingleSelect):
            made = statement.made
            return [made(row) for row in await self.tuples(statement, timeout)]
        _require_entities(statement)
        tree = path_tree(statement.bound_paths)
        found = await self._read_entities(statement, self._hydrator, timeout)
        if tree:
            await self._loader.load([e for e in found if e is not None], tree)
        return found

    async def untracked(self, statement: Select[E], timeout: float | None) -> list[E]:
        """Return the entities of a statement as objects that no session follows.

        With relations to load, what is met several times is one object.
        """
        tree = path_tree(statement.bound_paths)
        identity = IdentityMap(self._dialect) if tree else None
        hydrator = Hydrator(identity, None, self._dialect)
        found = await self._read_entities(statement, hydrator, timeout)
        if tree:
            loader = RelationLoader(hydrator, self._dialect, self._run)
            await loader.load([e for e in found if e is not None], tree)
        return found

    async def _read_entities(
        self, statement: Select[E], hydrator: Hydrator, timeout: float | None
    ) -> list[E]:
        _require_entities(statement)
        compiled = compile_select(statement, self._dialect)
        rows = (await self._run(compiled.query, timeout)).rows
        column = compiled.columns[0]
        if isinstance(column, EntityColumns | NodeColumn):
            return read_column(column, rows, hydrator)
        return [row[0] for row in read_rows((column,), rows, hydrator)]

    async def tuples(self, statement: Statement, timeout: float | None) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        _require_statement(statement)
        tree = path_tree(statement.bound_paths)
        compiled = compile_select(statement, self._dialect)
        rows = (await self._run(compiled.query, timeout)).rows
        made = read_rows(compiled.columns, rows, self._hydrator)
        if tree:
            await self._load_in_rows(made, tree)
        return made

    async def _load_in_rows(self, rows: list[tuple[Any, ...]], tree: Paths) -> None:
        """Load relations of every node in some rows, whichever column it stands in."""
        nodes = {id(cell): cell for row in rows for cell in row if isinstance(cell, Node)}
        for name, branch in tree.items():
            owners = [node for node in nodes.values() if branch.leaves(node, name)]
            if owners:
                await self._loader.load(owners, {name: branch})

    async def count(self, statement: Statement, timeout: float | None) -> int:
        """Return how many rows a statement has without its own skip and limit."""
        _require_statement(statement)
        rows = (await self._run(compile_count(statement, self._dialect), timeout)).rows
        return int(rows[0][0]) if rows else 0

    async def entities_and_total(
        self, statement: Any, fetch: Any, timeout: float | None
    ) -> tuple[list[Any], int]:
        """Return the entities of a statement, and how many there are without skip and limit."""
        statement = fetching(statement, fetch)
        if not counts_along(statement, self._dialect):
            found = await self.entities(statement, (), timeout)
            return found, await self.count(statement, timeout)
        _require_entities(statement)
        tree = path_tree(statement.bound_paths)
        compiled = compile_with_total(statement, self._dialect)
        rows = (await self._run(compiled.query, timeout)).rows
        total, page = rows[0] if rows else (0, [])
        found = read_column(compiled.columns[0], page, self._hydrator)
        if tree:
            await self._loader.load(found, tree)
        return found, total

    async def exists(self, statement: Statement, timeout: float | None) -> bool:
        """Tell whether a statement has any row."""
        _require_statement(statement)
        return bool((await self._run(compile_exists(statement, self._dialect), timeout)).rows)

    async def raw(
        self, query: Query, returns: Sequence[type[Entity] | PathOf | None], timeout: float | None
    ) -> QueryResult:
        """Return the rows of raw Cypher, with entities where `returns` names a class."""
        result = await self._run(query, timeout)
        return QueryResult(result.columns, read_raw(result, returns, self._hydrator), result.stats)


def column_names(statement: Statement) -> list[str]:
    """Return the names of a statement's columns."""
    return [item.name for item in statement.contents]


def returns_rows(statement: object) -> bool:
    """Tell whether the rows of a statement are tuples, of which none is one entity or object."""
    if not isinstance(statement, Statement) or isinstance(statement, SingleSelect):
        return False
    return not statement.returns_entities


def limited(statement: Any, rows: int) -> Any:
    """Return the statement with at most so many rows."""
    _require_statement(statement)
    _, most = statement.page()
    fewer = most is not None and most < rows
    return statement if fewer else statement.limit(rows)


def fetching(statement: Any, fetch: Any) -> Any:
    """Return the statement with more relations to load."""
    _require_statement(statement)
    paths = paths_of(fetch)
    return statement.fetch(*paths) if paths else statement


def _require_statement(statement: object) -> None:
    if not isinstance(statement, Statement):
        raise StatementError(f"expected a statement to read, got {shown(statement)}")


def _require_entities(statement: Any) -> None:
    _require_statement(statement)
    if not statement.returns_entities:
        raise StatementError(
            f"this statement returns rows, not entities; use session.all_rows(…): {statement!r}"
        )
