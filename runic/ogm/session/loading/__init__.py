"""How rows become entities, and relations are loaded."""
