"""The grammar of Debian's relationship fields: `a (>= 1) | b:any, c [amd64]`.

Called by the Debian reader for Depends and its kin, and for Provides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_RELATION = re.compile(
    r"""\s*(?P<name>[A-Za-z0-9][A-Za-z0-9+.\-]*)
        (?::(?P<qualifier>[A-Za-z0-9\-]+))?
        \s*(?:\(\s*(?P<operator><<|<=|>=|>>|=|<|>)\s*(?P<version>[^()\s<>=]+)\s*\))?
        \s*(?:\[(?P<architectures>[^\[\]]*)\])?
        \s*(?:<[^<>]*>\s*)*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Relation:
    """One alternative: a package name with what restricts it.

    `specifier` is ">= 1" or "". `qualifier` is the architecture after the colon ("any"),
    `architectures` what stands in brackets ("amd64", "!i386").
    """

    name: str
    specifier: str
    qualifier: str
    architectures: tuple[str, ...]

    def applies_to(self, architecture: str) -> bool:
        """Tell whether the brackets let it count for a package of this architecture.

        A package for "all" architectures could run anywhere, so nothing is left out for it.
        """
        if not self.architectures or architecture in {"", "all"}:
            return True
        excluded = [a[1:] for a in self.architectures if a.startswith("!")]
        if excluded:
            return not any(_covers(pattern, architecture) for pattern in excluded)
        return any(_covers(pattern, architecture) for pattern in self.architectures)


def iter_groups(field: str) -> Iterator[list[str]]:
    """Yield the requirements of a field, each as the texts of its alternatives."""
    for group in field.split(","):
        if group.strip():
            yield [alternative.strip() for alternative in group.split("|")]


# A distribution repeats the same few thousand texts ("libc6 (>= 2.34)") half a million times.
@lru_cache(maxsize=65_536)
def parse_relation(text: str) -> Relation | None:
    """Return the relation that `text` states, or None when it is not one."""
    match = _RELATION.fullmatch(text)
    if match is None:
        return None
    specifier = f"{match['operator']} {match['version']}" if match["operator"] else ""
    architectures = tuple((match["architectures"] or "").split())
    return Relation(match["name"], specifier, match["qualifier"] or "", architectures)


def _covers(pattern: str, architecture: str) -> bool:
    """Tell whether a name or a wildcard ("any", "linux-any", "any-amd64") covers it."""
    system, _, processor = architecture.rpartition("-")
    wanted_system, _, wanted_processor = pattern.rpartition("-")
    same_system = (wanted_system or "linux") in {"any", system or "linux"}
    return pattern == "any" or (same_system and wanted_processor in {"any", processor})
