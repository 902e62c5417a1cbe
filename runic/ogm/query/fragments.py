"""`text`: a piece of Cypher inside a statement, whose values are parameters all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from runic.ogm.errors import StatementError
from runic.ogm.model.kinds import Kind
from runic.ogm.query.computed import OfOperands, operand
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.expressions import Attribute
from runic.ogm.query.part import Part

if TYPE_CHECKING:
    from runic.ogm.query.writer import Writer

# Quoted text and names are passed over; a parameter is a $ and a name.
_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|//[^\n]*|/\*.*?\*/|\$([A-Za-z_]\w*)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fragment(Criterion, OfOperands[Any]):
    """Raw Cypher: the pieces between its parameters, and the values of these."""

    pieces: tuple[str, ...]
    operands: tuple[Part, ...]
    kind: Kind = Kind.SCALAR
    like: Attribute[Any] | None = None

    __hash__ = object.__hash__

    @property
    @override
    def form(self) -> object:
        return self.pieces

    @override
    def write(self, writer: Writer) -> str:
        texts = [*(part.write(writer) for part in self.parts), ""]
        return "(" + "".join(a + b for a, b in zip(self.pieces, texts, strict=True)) + ")"

    def __str__(self) -> str:
        texts = [*(str(part) for part in self.parts), ""]
        return f"text({''.join(a + b for a, b in zip(self.pieces, texts, strict=True))!r})"


def text(cypher: str, /, **values: Any) -> Fragment:
    """Return a piece of Cypher as a criterion or a column: `text("n.age > $least", least=18)`.

    The text goes into the query as it is: never build it of what users enter. Values, fields and
    `param(…)` are given by name, and stand in it as `$name`.

    Raises:
        StatementError: A `$name` in the text has no value, or a value no `$name`.
    """
    if not isinstance(cypher, str) or not cypher.strip():
        raise StatementError(f"text takes a piece of Cypher, not {cypher!r}")
    pieces, names = _cut(cypher)
    _require_same(cypher, set(names), set(values))
    return Fragment(tuple(pieces), tuple(operand(values[name]) for name in names))


def _cut(cypher: str) -> tuple[list[str], list[str]]:
    pieces, names, end = [], [], 0
    for found in _parameters(cypher):
        pieces.append(cypher[end : found.start()])
        names.append(found[1])
        end = found.end()
    return [*pieces, cypher[end:]], names


def _parameters(cypher: str) -> Iterator[re.Match[str]]:
    return (found for found in _TOKEN.finditer(cypher) if found[1] is not None)


def _require_same(cypher: str, names: set[str], given: set[str]) -> None:
    for missing in sorted(names - given):
        raise StatementError(f"text({cypher!r}) has no value for ${missing}; pass {missing}=…")
    for unused in sorted(given - names):
        raise StatementError(f"text({cypher!r}) has no ${unused}; leave {unused}= out of it")
