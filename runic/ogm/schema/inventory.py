"""What the database has, to be compared with what models ask for; no I/O."""

from __future__ import annotations

from collections.abc import Iterable

from runic.ogm.errors import SchemaError
from runic.ogm.query.definitions import Constraint, Definition, Stored


class Inventory:
    """The indexes and constraints of one graph at one moment."""

    def __init__(self, stored: Iterable[Stored]) -> None:
        self._stored = {one.definition.identity: one for one in stored}

    def find(self, definition: Definition) -> Definition | None:
        """Return the stored definition of equal identity, whatever became of it."""
        stored = self._stored.get(definition.identity)
        return stored.definition if stored else None

    def lacks(self, definition: Definition) -> bool:
        """Tell whether a definition, or a part of it, is not there; a failed one is not."""
        stored = self._stored.get(definition.identity)
        if stored is None or stored.readiness == "failed":
            return True
        return not definition.covered_by(stored.definition)

    def building(self, wanted: Iterable[Definition]) -> bool:
        """Tell whether the database still works on one of these."""
        return any(self._readiness(definition) == "building" for definition in wanted)

    def failed(self, wanted: Iterable[Definition]) -> list[Constraint]:
        """Return those constraints that the stored entities violate."""
        constraints = (d for d in wanted if isinstance(d, Constraint))
        return [found for found in constraints if self._readiness(found) == "failed"]

    def refuse_differences(self, wanted: Iterable[Definition]) -> None:
        """Raise if an index exists with other options, which nothing but making it again changes.

        Raises:
            SchemaError: Names the index and the options.
        """
        for definition in wanted:
            found = self.find(definition)
            different = definition.differences(found) if found else []
            if different:
                raise SchemaError(
                    f"{definition} exists with other options: {'; '.join(different)}. Change the"
                    " model, or drop the index with drop_all() and create it again"
                )

    def _readiness(self, definition: Definition) -> str | None:
        stored = self._stored.get(definition.identity)
        return stored.readiness if stored else None
