"""Check the seconds that a query is given, alike for every driver."""

from __future__ import annotations

from runic.ogm.errors import StatementError


def checked_timeout(timeout: float | None) -> float | None:
    """Return the timeout as it is. Raises `StatementError` unless it is positive, or None."""
    # Not `<= 0`, which NaN would pass.
    if timeout is not None and not timeout > 0:
        raise StatementError(
            f"timeout must be a positive number of seconds or None, not {timeout!r}"
        )
    return timeout
