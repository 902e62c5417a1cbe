"""What a server does otherwise than the others, each once: which servers, and where docs say so."""

from __future__ import annotations

# docs/arcadedb.md, "labels": a node with other labels is another node, in another place.
MOVED_BY_LABELS = {"arcadedb"}
# docs/arcadedb.md, "unique values": commits must come between.
REPLACES_A_KEY_ONCE = {"arcadedb"}
