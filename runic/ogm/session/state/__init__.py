"""What a session holds: identity map, unit of work, relationships as values. No I/O."""
