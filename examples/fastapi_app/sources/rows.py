"""The vocabulary that every source reads into.

A package is named by its key, "python:name" or "debian:name"; rows refer to packages by key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Source = Literal["python", "debian"]
Kind = Literal["requires", "optional", "pre-depends", "depends", "recommends", "suggests"]
Role = Literal["author", "maintainer"]
KINDS: tuple[Kind, ...] = get_args(Kind)

UNKNOWN_LICENCE = "unknown"
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One package, at one version.

    `requested` tells whether a person asked for it (True) or it came in as a dependency (False);
    None where the source does not say.
    """

    key: str
    source: Source
    name: str
    version: str
    summary: str
    licence: str
    requested: bool | None


@dataclass(frozen=True, slots=True)
class DependencyRow:
    """`package` needs `requires`; both are keys of packages of the same inventory.

    `specifier` is as its source writes it (">=2,<3", ">= 1:2.0"), "" for any version. `extra` is
    the optional feature the dependency belongs to, `wants` the features it asks of its target.
    `virtual` is the name that was asked for when `requires` only provides it. `choice` says that
    another package would do as well.
    """

    package: str
    requires: str
    specifier: str
    kind: Kind
    extra: str = ""
    marker: str = ""
    wants: tuple[str, ...] = ()
    virtual: str = ""
    choice: bool = False


@dataclass(frozen=True, slots=True)
class MaintainerRow:
    """One person or team that stands behind one package."""

    package: str
    role: Role
    name: str
    email: str

    @property
    def key(self) -> str:
        """The same text for the same person: the address in lower case, else the name.

        Cut where a text is no longer a name: some put their whole list of contributors there.
        """
        key = self.email.lower() if self.email else f"name:{self.name.casefold()}"
        return key[:LONGEST_KEY].rstrip()


@dataclass(frozen=True, slots=True)
class TagRow:
    """One subject a package belongs to."""

    package: str
    name: str
