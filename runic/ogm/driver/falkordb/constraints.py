"""The command that makes or drops a constraint, which FalkorDB does not take as a query; no I/O."""

from __future__ import annotations

from runic.ogm.driver.falkordb.wire import Request, packed
from runic.ogm.query.definitions import Constraint, UniqueConstraint


def constraint_request(graph: bytes, constraint: Constraint, *, drop: bool) -> Request:
    """Return the command; making is only begun by it, and goes on in the server."""
    words = (
        "DROP" if drop else "CREATE",
        graph,
        "UNIQUE" if isinstance(constraint, UniqueConstraint) else "MANDATORY",
        "NODE" if constraint.on == "node" else "RELATIONSHIP",
        constraint.label,
        "PROPERTIES",
        str(len(constraint.properties)),
        *constraint.properties,
    )
    encoded = (word if isinstance(word, bytes) else word.encode() for word in words)
    command = (b"GRAPH.CONSTRAINT", *encoded)
    return Request((command,), packed(command), 1, repeatable=False)
