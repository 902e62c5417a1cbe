"""Refuse texts whose CREATE and MERGE would make other nodes than they say.

ArcadeDB takes no notice of a computed label there, and makes a node without one. And where Cypher
has an error for a MERGE by null, it makes another node each time.
"""

from __future__ import annotations

import re
from functools import lru_cache

from runic.ogm.driver.cypher_text.reading import QUOTED
from runic.ogm.errors import StatementError, UnsupportedFeatureError
from runic.ogm.query.compiled import Query

_OTHERS = r"MATCH|SET|WITH|RETURN|UNWIND|WHERE|DELETE|DETACH|REMOVE|CALL|FOREACH|ON|UNION|OPTIONAL"
_MADE = re.compile(
    rf"\b(CREATE|MERGE)\b((?:(?!\b(?:CREATE|MERGE|{_OTHERS})\b).)*)", re.IGNORECASE | re.DOTALL
)
_COMPUTED = re.compile(r"\$\s*\(")
_KEY = re.compile(r":\s*\$(\w+)")


def check_made(query: Query) -> None:
    """Raise unless the nodes that a query makes are those that its text says.

    Raises:
        UnsupportedFeatureError: A label of a new node is computed.
        StatementError: A node is merged by a parameter that is None.
    """
    computes, keys = _read(query.text)
    if computes:
        raise UnsupportedFeatureError(
            "arcadedb makes a node without a label of CREATE (n:$(…)) and MERGE (n:$(…)); write the"
            " label in the text, or add it with SET n:$(…)"
        )
    if nulls := sorted(key for key in keys if query.params.get(key, "") is None):
        raise StatementError(
            f"MERGE finds nothing by null, and arcadedb would make another node each time: give"
            f" {', '.join('$' + key for key in nulls)} a value"
        )


@lru_cache(maxsize=1024)
def _read(text: str) -> tuple[bool, frozenset[str]]:
    """Return whether a label of what is made is computed, and the parameters of MERGE."""
    made = [(m[1].upper(), m[2]) for m in _MADE.finditer(QUOTED.sub(" ", text))]
    keys = (key for clause, body in made if clause == "MERGE" for key in _KEY.findall(body))
    return any(_COMPUTED.search(body) for _, body in made), frozenset(keys)
