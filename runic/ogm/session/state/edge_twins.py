"""Edge entities beside the one that stands for their relationship. No I/O.

An edge that is written again may be held twice: as the entity that was loaded before and as the one
it was written from. One of the two has the place in the identity map. The other, its double, is
detached, and still in somebody's hands: it is told what is written, and what is set on it is taken
over at the next flush, so that neither shows old values nor loses new ones.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

from runic.ogm.errors import StatementError
from runic.ogm.model.comparison import EXACT_READS
from runic.ogm.model.edge import Edge, ends_of, set_ends
from runic.ogm.model.given import given_fields
from runic.ogm.model.meta import edge_info
from runic.ogm.model.snapshot import changed_fields, copied, take_snapshot
from runic.ogm.model.state import EntityState, State, notes_of, set_notes, values_of

# Weakly: whoever has a double has a use for it, the session has none.
_Held = tuple["weakref.ref[Edge]", Edge]


class Doubles:
    """The doubles of one session, each with the edge entity that it follows."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def add(self, double: Edge, kept: Edge) -> None:
        """Let an edge entity follow another one, which takes over what is not yet written of it."""
        notes, known = notes_of(double), notes_of(kept)
        assert known is not None
        if notes is not None and notes.status is State.PERSISTENT and not notes.expired:
            given = given_fields(kept)
            own = {name: value for name, value in _set_on(double).items() if name not in given}
            values_of(kept).update(own)
        set_notes(double, EntityState(State.DETACHED, None, known.id, known.key))
        self._held[id(double)] = (weakref.ref(double), kept)
        _tell(double, kept)

    def carry_over(self) -> None:
        """Take what was set on doubles over to the entities that they follow.

        Raises:
            StatementError: Both were changed, in the same field.
        """
        for double, kept in self._each():
            own, same = _set_on(kept), edge_info(type(kept)).comparison.same(EXACT_READS)
            for name, value in _set_on(double).items():
                if name in own and not same[name](own[name], value):
                    raise StatementError(
                        f"two {type(kept).__name__} objects stand for one edge, and their {name}"
                        f" was set to {own[name]!r} and to {value!r}; change one of them"
                    )
                values_of(kept)[name] = value

    def tell(self, *, undo: bool = False) -> None:
        """Give doubles the values of the entities that they follow; `undo` what was set on them."""
        for double, kept in self._each():
            own = {} if undo else _set_on(double)
            _tell(double, kept)
            values_of(double).update(own)

    def copy(self) -> Doubles:
        """Return what later changes of this leave alone."""
        made = Doubles()
        made._held = dict(self._held)
        return made

    def clear(self) -> None:
        """Forget all of them."""
        self._held.clear()

    def _each(self) -> Iterator[tuple[Any, Edge]]:
        for place, (ref, followed) in list(self._held.items()):
            kept = self._last(followed)
            double, known = ref(), notes_of(kept)
            gone = known is None or known.owner is None
            if double is None or gone or _is_taken_back(double):
                del self._held[place]
            else:
                yield double, kept

    def _last(self, kept: Edge) -> Edge:
        """Return the entity that stands for the edge, where one was followed by another."""
        while (entry := self._held.get(id(kept))) is not None and entry[0]() is kept:
            kept = entry[1]
        return kept


def _set_on(edge: Edge) -> dict[str, Any]:
    notes = notes_of(edge)
    assert notes is not None
    return changed_fields(edge_info(type(edge)), values_of(edge), notes.snapshot)


def _is_taken_back(double: Edge) -> bool:
    notes = notes_of(double)
    return notes is None or notes.status is not State.DETACHED


def _tell(double: Edge, kept: Edge) -> None:
    info, notes = edge_info(type(kept)), notes_of(double)
    assert notes is not None
    notes.snapshot = take_snapshot(info, values_of(kept))
    for name, value in notes.snapshot.items():
        values_of(double)[name] = copied(info, name, value)
    set_ends(double, *ends_of(kept))
