"""Base of the statements that load relations with what they return: `.fetch(User.articles)`.

The relations are those of the nodes that stand in the rows, whichever column they stand in. A
statement whose rows hold no node refuses them, when it is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from runic.ogm.errors import StatementError
from runic.ogm.query.bindable import Bindable, joined_bindings
from runic.ogm.query.fetch import Fetch, checked_paths


class Fetching(Bindable):
    """What returns nodes with relations of theirs."""

    # A field of the statements.
    paths: tuple[str | Fetch, ...]

    @property
    def node_classes(self) -> tuple[type[Any], ...]:
        """The classes of the nodes that stand in the rows."""
        raise NotImplementedError

    def fetch(self, *paths: Any) -> Self:
        """Load relations with the nodes that are returned: `User.articles`, `"articles.comments"`.

        `User.articles.where(…).order_by(…).limit(5)` loads a part, at most five for each user.
        Where a row holds several nodes, each that has the relation gets it.

        Raises:
            StatementError: No returned node has such a relation, or no node is returned at all.
        """
        added = fetchable(self.node_classes, paths)
        parts = [("the statement", self.bindings)]
        parts += [(f"fetch({each})", each.bindings) for each in added if isinstance(each, Fetch)]
        return self._with(paths=(*self.paths, *added), bindings=joined_bindings(parts))

    @property
    def bound_paths(self) -> tuple[str | Fetch, ...]:
        """The relations to load, with the values that the statement is bound to.

        Raises:
            StatementError: A parameter among them has no value.
        """
        paths, given = self.paths, self.bindings
        return tuple(p.bound(given) if isinstance(p, Fetch) else p for p in paths)


def fetchable(classes: Sequence[type[Any]], paths: tuple[Any, ...]) -> tuple[str | Fetch, ...]:
    """Return relation paths, each checked to leave a node of one of these classes."""
    if paths and not classes:
        raise StatementError(
            f"fetch({', '.join(map(str, paths))}) loads relations of the nodes that a statement"
            " returns, and this one returns values or paths; return entities, or leave fetch out"
        )
    return tuple(_of_any(classes, path) for path in paths)


def _of_any(classes: Sequence[type[Any]], path: Any) -> str | Fetch:
    refusals: list[StatementError] = []
    for cls in classes:
        try:
            return checked_paths(cls, (path,))[0]
        except StatementError as error:
            refusals.append(error)
    raise refusals[0]
