"""What a source raises when nothing of it can be read."""

from __future__ import annotations


class SourceError(Exception):
    """A source cannot be read at all; the message says what to do instead.

    Single packages or dependencies that cannot be read do not raise: the report counts them.
    """
