"""Keyset pages: go on where the last page ended, whatever was inserted or deleted meanwhile.

A cursor holds the values that the last entity of a page is sorted by, and a digest of them and of
the statement, so that one that was changed or belongs to another statement is refused. It is not
secret: whoever sees a cursor can read the values in it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.model.meta import node_info
from runic.ogm.model.node import Node
from runic.ogm.query.code_points import beyond, differs
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.decoders import decode_attribute
from runic.ogm.query.dialect import Dialect
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.memory import codec_of
from runic.ogm.query.select import Select

E = TypeVar("E", bound=Node)

_DIGEST_SIZE = 12


@dataclass(frozen=True, slots=True)
class Keyset(Generic[E]):
    """A statement in a total order: by its own fields, then by the primary key."""

    statement: Select[E]
    by: tuple[tuple[Attribute[Any], bool], ...]

    def after(self, cursor: str, dialect: Dialect) -> Select[E]:
        """Return the statement of what comes after a cursor.

        Raises:
            StatementError: The cursor was changed, or is of another statement.
        """
        stored = _opened(cursor, self._question(dialect))
        values = [
            None if cell is None else _decoded(each, cell, dialect)
            for (each, _), cell in zip(self.by, stored, strict=True)
        ]
        later = [
            _later(each, value, cell, descending, dialect)
            for (each, descending), value, cell in zip(self.by, values, stored, strict=True)
        ]
        return self.statement.where(_beyond(self.by, values, later))

    def cursor(self, entity: E, dialect: Dialect) -> str:
        """Return the cursor of what comes after an entity."""
        values = [_encoded(each, entity, dialect) for each, _ in self.by]
        return _sealed(values, self._question(dialect))

    def _question(self, dialect: Dialect) -> str:
        return self.statement.build(dialect).text


def keyset(statement: Any) -> Keyset[Any]:
    """Return a statement in a total order.

    Raises:
        StatementError: It is not one that can be read page by page.
    """
    if not isinstance(statement, Select) or not statement.returns_entities:
        raise StatementError(f"page reads entities, as select(User), not {statement!r}")
    if statement.pattern.hops or statement.items or statement.once:
        raise StatementError(
            "page reads the nodes of one class: filter what they are related to with"
            " User.articles.any(…) in place of traverse"
        )
    if statement.skipped is not None or statement.maximum is not None:
        raise StatementError("page has a limit= of its own: leave skip and limit out")
    by = [(_sortable(order.by), order.descending) for order in statement.orders]
    key = node_info(statement.entity).key.name
    if all(each.name != key for each, _ in by):
        by.append((Attribute(statement.entity, key), False))
        statement = statement.order_by(by[-1][0])
    return Keyset(statement, tuple(by))


def _sortable(by: Any) -> Attribute[Any]:
    if not isinstance(by, Attribute):
        raise StatementError(f"page sorts by fields, not by {by}")
    if by.info.kind in (Kind.FLOAT, Kind.SCALAR):
        raise StatementError(
            f"page cannot sort by {by}: a float is not read back with all its digits, so a page"
            " could begin at the wrong place; sort by an int, text or date, or use skip and limit"
        )
    return by


def _beyond(
    by: Sequence[tuple[Attribute[Any], bool]],
    values: Sequence[Any],
    later: Sequence[Criterion | None],
) -> Criterion:
    """Return what comes after these values: later by one field, equal in those before it."""
    choices: list[Criterion] = []
    for number, criterion in enumerate(later):
        if criterion is not None:
            equal = [each == value for (each, _), value in zip(by[:number], values, strict=False)]
            choices.append(reduce(operator.and_, [*equal, criterion]))
    found: Criterion = reduce(operator.or_, choices)
    return found


def _later(
    attribute: Attribute[Any], value: Any, stored: Any, descending: bool, dialect: Dialect
) -> Criterion | None:
    # Missing values are last upwards, and first downwards.
    if value is None:
        return attribute.is_not_null() if descending else None
    later: Criterion
    if dialect.compares_code_units and differs(stored):
        later = beyond(attribute, stored, descending)
    else:
        later = attribute < value if descending else attribute > value
    if descending or attribute.info.primary_key:
        return later
    return later | attribute.is_null()


def _encoded(attribute: Attribute[Any], entity: Any, dialect: Dialect) -> Any:
    value = getattr(entity, attribute.name)
    encode = codec_of(attribute.entity, attribute.info, dialect).encode
    return value if value is None or encode is None else encode(value)


def _decoded(attribute: Attribute[Any], cell: Any, dialect: Dialect) -> Any:
    decode = decode_attribute(attribute, dialect)
    return cell if decode is None else decode(cell)


def _sealed(values: list[Any], question: str) -> str:
    content = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_digest(content, question) + content).decode().rstrip("=")


def _opened(cursor: Any, question: str) -> list[Any]:
    if not isinstance(cursor, str):
        raise StatementError(f"after= takes the .next of a page, not {cursor!r}")
    try:
        packed = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _foreign(cursor) from error
    digest, content = packed[:_DIGEST_SIZE], packed[_DIGEST_SIZE:]
    if digest != _digest(content, question):
        raise _foreign(cursor)
    values: list[Any] = json.loads(content)
    return values


def _digest(content: bytes, question: str) -> bytes:
    return hashlib.blake2b(
        content, digest_size=_DIGEST_SIZE, key=hashlib.sha256(question.encode()).digest()
    ).digest()


def _foreign(cursor: str) -> StatementError:
    return StatementError(
        f"the cursor {cursor[:40]!r} is not one of this statement: it was changed, or the statement"
        " has other criteria or another order; begin again without after="
    )
