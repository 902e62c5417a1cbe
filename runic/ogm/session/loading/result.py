"""What `execute` returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runic.ogm.errors import MultipleResultsError


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Rows of a raw query: `columns` are the names, `rows` tuples of values in their order.

    `stats` counts what was written, by the database's own names. `affected` is how many nodes or
    edges a statement such as `update(…)` wrote; None for reads and raw queries.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    stats: Mapping[str, str] = field(default_factory=dict)
    affected: int | None = None

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def mappings(self) -> list[dict[str, Any]]:
        """Return each row as a dict by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def scalars(self) -> list[Any]:
        """Return the first column."""
        return [row[0] for row in self.rows]

    def scalar(self) -> Any:
        """Return the first value of the only row, or None when there is no row.

        Raises:
            MultipleResultsError: There are several rows.
        """
        if len(self.rows) > 1:
            raise MultipleResultsError(
                f"one row was asked for, the query returned {len(self.rows)}"
            )
        return self.rows[0][0] if self.rows else None


def joined(results: Sequence[QueryResult]) -> QueryResult:
    """Return the result of a statement that was carried out in several parts."""
    stats: dict[str, str] = {}
    for result in results:
        for name, text in result.stats.items():
            before = stats.get(name, "0")
            added = before.isdecimal() and text.isdecimal()
            stats[name] = str(int(before) + int(text)) if added else text
    return QueryResult(
        results[0].columns,
        [row for result in results for row in result.rows],
        stats,
        sum(result.affected or 0 for result in results),
    )
