"""How changes are planned, written and settled."""
