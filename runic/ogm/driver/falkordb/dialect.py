"""What FalkorDB says differently."""

from __future__ import annotations

from typing import Any, ClassVar

from runic.ogm.model.description import PropertyInfo
from runic.ogm.model.kinds import Kind
from runic.ogm.query.dialect import Capabilities, Dialect

# The index and the uniqueness check of the server cut, strip or crash on these (in both 4.16
# and 4.22): ASCII white space at either end, the empty string, \x01, more than 4096 bytes.
_WHITE_SPACE = " \t\n\v\f\r"
_INDEXED_BYTES = 4096

# Its range index compares integers as doubles.
_EXACT_IN_DOUBLE = 2**53


class FalkorDBDialect(Dialect):
    """openCypher as FalkorDB 4.16 and later understand it."""

    name: ClassVar[str] = "falkordb"
    capabilities: ClassVar[Capabilities] = Capabilities.of(
        "async", "atomic_plan", "constraints", "fulltext", "vector", "geo", "regex", "shortest_path"
    )

    def matches(self, operand: str, pattern: str) -> str:
        """There is no `=~`; a search whose pattern is anchored at both ends is the same."""
        return f"size(string.matchRegEx({operand}, '\\\\A(?:' + {pattern} + ')\\\\z')) > 0"

    def check_stored(self, info: PropertyInfo, value: Any) -> None:
        if not info.indexed:
            return
        if isinstance(value, str) and _confuses_index(value):
            raise ValueError(
                "cannot be indexed: FalkorDB loses strings that are empty, longer than 4096 bytes,"
                " hold \\x01, or begin or end with white space; strip it, or drop"
                " index/unique/primary_key from the field"
            )
        if info.kind is Kind.INT and abs(value) > _EXACT_IN_DOUBLE:
            raise ValueError(
                "cannot be indexed: FalkorDB compares indexed integers beyond 2**53 inexactly; make"
                " the field a str"
            )

    def hides(self, info: PropertyInfo, value: Any) -> bool:
        """An indexed lookup finds no node with such a string, although there may be some."""
        return info.indexed and isinstance(value, str) and _confuses_index(value)

    def unindexed(self, operand: str) -> str:
        return f"({operand} + '')"


def _confuses_index(text: str) -> bool:
    return (
        not text
        or text[0] in _WHITE_SPACE
        or text[-1] in _WHITE_SPACE
        or "\x01" in text
        or (len(text) > _INDEXED_BYTES // 4 and len(text.encode()) > _INDEXED_BYTES)
    )
