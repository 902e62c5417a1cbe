"""Applications that show runic at work; each is started with `python -m examples.<name>`."""
