"""Which classes stand for which labels.

Names in annotations are looked up here across modules; records find their class here by their
labels. Classes are held weakly: a class that its program has dropped is forgotten, and a class
defined again at the same place (hot reload) takes the place of the old one.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

from runic.ogm.errors import HydrationError, MetadataError


class Registry:
    """A set of models that know each other. Models share one unless told `registry=`."""

    def __init__(self) -> None:
        self._classes: list[weakref.ref[Any]] = []
        self._resolved: dict[tuple[Any, tuple[str, ...]], Any] = {}
        # Grows with every change: what was worked out from an older count may no longer hold.
        self.generation = 0

    def __iter__(self) -> Iterator[type[Any]]:
        """Yield the classes in the order of their definition."""
        return iter([cls for ref in self._classes if (cls := ref()) is not None])

    def add(self, cls: type[Any]) -> None:
        """Take in a class, in place of one defined earlier at the same place.

        Raises:
            MetadataError: Another class stands for the same labels or type.
        """
        self._forget(lambda other: _same_place(other, cls))
        if self._twin(cls) is not None:
            gc.collect()  # classes live in cycles: a dropped one may only seem to be there
        twin = self._twin(cls)
        if twin is not None:
            raise MetadataError(
                f"{_place(cls)} and {_place(twin)} both stand for {stored_as(cls)}; give one of"
                " them other labels=/type=, or a registry=Registry() of its own"
            )
        self._classes.append(weakref.ref(cls))
        self._changed()

    def discard(self, cls: type[Any]) -> None:
        """Forget a class."""
        self._forget(lambda other: other is cls)

    def find(self, name: str, near: str) -> type[Any] | None:
        """Return the class of this name, of module `near` if several have it.

        Raises:
            MetadataError: Several modules define it and none of them is `near`.
        """
        named = [cls for cls in self if cls.__name__ == name]
        found = [cls for cls in named if cls.__module__ == near] or named
        if len(found) > 1:
            places = " and ".join(_place(cls) for cls in found)
            raise MetadataError(f"{name!r} could be {places}; import the one that is meant")
        return found[0] if found else None

    def names(self) -> dict[str, type[Any]]:
        """Return the classes that can be told apart by their name alone."""
        found: dict[str, Any] = {}
        for cls in self:
            found[cls.__name__] = None if cls.__name__ in found else cls
        return {name: cls for name, cls in found.items() if cls is not None}

    def subclasses(self, cls: type[Any]) -> list[type[Any]]:
        """Return the classes below a class, in the order of their definition."""
        return [other for other in self if other is not cls and issubclass(other, cls)]

    def most_specific(self, base: type[Any], labels: Iterable[str]) -> Any:
        """Return the class at or below `base` that covers most of a node's labels.

        Raises:
            HydrationError: None does: the node is not one of `base`.
        """
        key = (base, tuple(labels))
        if key not in self._resolved:
            self._resolved[key] = self._search(base, frozenset(key[1]))
        return self._resolved[key]

    def _search(self, base: type[Any], labels: frozenset[str]) -> Any:
        fitting = [
            cls
            for cls in (base, *self.subclasses(base))
            if not cls.__runic_abstract__ and labels.issuperset(cls.__runic_labels__)
        ]
        if not fitting:
            shown = ":".join(sorted(labels)) or "no label"
            raise HydrationError(
                f"a node with {shown} is no {base.__name__}; query the class that has these labels"
            )
        return max(fitting, key=lambda cls: len(cls.__runic_labels__))

    def _twin(self, cls: type[Any]) -> type[Any] | None:
        mine = stored_as(cls)
        return next((other for other in self if stored_as(other) == mine), None)

    def _forget(self, condition: Any) -> None:
        kept = [ref for ref in self._classes if (c := ref()) is not None and not condition(c)]
        self._classes = kept
        self._changed()

    def _changed(self) -> None:
        self._resolved.clear()
        self.generation += 1


def stored_as(cls: type[Any]) -> str:
    """Return the labels or the type a class stands for, as Cypher writes them."""
    if cls.__runic_entity__ == "edge":
        return f"[:{cls.__runic_type__}]"
    return "(:" + ":".join(sorted(cls.__runic_labels__)) + ")"


def _same_place(one: type[Any], other: type[Any]) -> bool:
    return (one.__module__, one.__qualname__) == (other.__module__, other.__qualname__)


def _place(cls: type[Any]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


DEFAULT_REGISTRY = Registry()
