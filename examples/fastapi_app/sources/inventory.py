"""What a reader returns: rows that fit together, and the account of what is not among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from examples.fastapi_app.sources.report import Reason, Report
from examples.fastapi_app.sources.rows import DependencyRow, MaintainerRow, PackageRow, TagRow


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything read from one source.

    Keys of packages are unique; every other row refers to a package that is in `packages`.
    """

    packages: tuple[PackageRow, ...]
    dependencies: tuple[DependencyRow, ...]
    maintainers: tuple[MaintainerRow, ...]
    tags: tuple[TagRow, ...]
    report: Report


def merged(dependencies: Iterable[DependencyRow], report: Report) -> tuple[DependencyRow, ...]:
    """Return one row for each package, target, kind and extra.

    Debian states a range as two requirements on the same package; the graph has one edge for it.
    """
    rows: dict[tuple[str, str, str, str], DependencyRow] = {}
    for row in dependencies:
        identity = (row.package, row.requires, row.kind, row.extra)
        known = rows.get(identity)
        if known is None:
            rows[identity] = row
        else:
            rows[identity] = _joined(known, row)
            report.remark(Reason.MERGED, f"{row.package} -> {row.requires}")
    return tuple(rows.values())


def _joined(first: DependencyRow, second: DependencyRow) -> DependencyRow:
    return replace(
        first,
        specifier=_both(first.specifier, second.specifier, ", "),
        marker=_both(first.marker, second.marker, " or "),
        wants=tuple(dict.fromkeys(first.wants + second.wants)),
        virtual=_both(first.virtual, second.virtual, ", "),
        # One requirement without an alternative is enough to make the package needed.
        choice=first.choice and second.choice,
    )


def _both(first: str, second: str, separator: str) -> str:
    return separator.join(dict.fromkeys(text for text in (first, second) if text))
