"""Count what a source held, what was kept, and what was dropped for which reason.

Readers call it for every package and every requirement, so that the numbers add up:
`unaccounted` is zero for both when a reader is done. Nothing is left out silently.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, StrEnum

EXAMPLES_KEPT = 5


class Unit(StrEnum):
    """What is counted: a package, or one requirement as its package states it."""

    PACKAGE = "package"
    REQUIREMENT = "requirement"


class Reason(Enum):
    """Why something was dropped, or kept with a remark."""

    def __init__(self, unit: Unit, text: str) -> None:
        self.unit = unit
        self.text = text

    UNREADABLE_METADATA = (Unit.PACKAGE, "its metadata is missing or not UTF-8")
    MISSING_NAME = (Unit.PACKAGE, "it has no name")
    MISSING_VERSION = (Unit.PACKAGE, "it has no version")
    NOT_INSTALLED = (Unit.PACKAGE, "it is known but not installed")
    DUPLICATE = (Unit.PACKAGE, "the same name and version was read before")
    OTHER_VERSION = (Unit.PACKAGE, "another version of the same name is used")
    OTHER_ARCHITECTURE = (Unit.PACKAGE, "the same version for another architecture was read before")
    UNPARSABLE_REQUIREMENT = (Unit.REQUIREMENT, "it cannot be parsed")
    NOT_PRESENT = (Unit.REQUIREMENT, "the package it needs is not present")
    ALTERNATIVE_NOT_PRESENT = (Unit.REQUIREMENT, "not present, but another alternative is")
    VIRTUAL_WITHOUT_VERSION = (Unit.REQUIREMENT, "it needs a version, its providers state none")
    MARKER_EXCLUDES = (Unit.REQUIREMENT, "its marker does not apply to this environment")
    ARCHITECTURE_EXCLUDES = (Unit.REQUIREMENT, "it is meant for another architecture")
    ON_ITSELF = (Unit.REQUIREMENT, "the package would depend on itself")

    MALFORMED_LINE = (Unit.PACKAGE, "lines that are no field were skipped")
    REPLACED_TEXT = (Unit.PACKAGE, "bytes that are not UTF-8 were replaced")
    CONTROL_CHARACTERS = (Unit.PACKAGE, "control characters were taken out of its texts")
    LICENCE_UNKNOWN = (Unit.PACKAGE, "its licence is not stated")
    THROUGH_PROVIDES = (Unit.REQUIREMENT, "a virtual package, replaced by its providers")
    SEVERAL_EXTRAS = (Unit.REQUIREMENT, "it belongs to several extras, one dependency for each")
    MERGED = (Unit.REQUIREMENT, "joined with another on the same package")


@dataclass(slots=True)
class Report:
    """The account of one reading.

    `seen`, `kept` count packages and requirements; `dropped` is what is missing from the rows,
    `remarks` what is in the rows but not quite as the source has it. `examples` names the first
    few of each reason.
    """

    origin: str
    seen: Counter[Unit] = field(default_factory=Counter)
    kept: Counter[Unit] = field(default_factory=Counter)
    dropped: Counter[Reason] = field(default_factory=Counter)
    remarks: Counter[Reason] = field(default_factory=Counter)
    examples: dict[Reason, list[str]] = field(default_factory=dict)

    def see(self, unit: Unit) -> None:
        """Count one more that the source holds."""
        self.seen[unit] += 1

    def keep(self, unit: Unit) -> None:
        """Count one more that is in the rows."""
        self.kept[unit] += 1

    def drop(self, reason: Reason, example: str) -> None:
        """Count one that is not in the rows."""
        self.dropped[reason] += 1
        self._remember(reason, example)

    def remark(self, reason: Reason, example: str) -> None:
        """Count one that is in the rows, changed."""
        self.remarks[reason] += 1
        self._remember(reason, example)

    def unaccounted(self, unit: Unit) -> int:
        """Return how many were seen but neither kept nor dropped; zero when a reader is right."""
        dropped = sum(n for reason, n in self.dropped.items() if reason.unit is unit)
        return self.seen[unit] - self.kept[unit] - dropped

    def lines(self) -> list[str]:
        """Return the account as text: totals, then each reason with its count and examples."""
        totals = [
            f"{self.origin}: {self.kept[unit]:,} of {self.seen[unit]:,} {unit}s kept"
            for unit in Unit
        ]
        drops = [self._line("dropped", *item) for item in self.dropped.most_common()]
        remarks = [self._line("remark", *item) for item in self.remarks.most_common()]
        return totals + drops + remarks

    def _remember(self, reason: Reason, example: str) -> None:
        known = self.examples.setdefault(reason, [])
        if len(known) < EXAMPLES_KEPT:
            known.append(example)

    def _line(self, what: str, reason: Reason, number: int) -> str:
        named = "; ".join(self.examples[reason])
        return f"{what}: {number:,} {reason.unit}s: {reason.text} ({named})"
