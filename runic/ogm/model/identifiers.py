"""Names that go into query text: labels, relationship types, properties, aliases."""

from __future__ import annotations

from runic.ogm.errors import MetadataError

MAX_LENGTH = 512


def checked_identifier(name: object, what: str) -> str:
    """Return the name if it can be quoted in a query.

    Raises:
        MetadataError: It is empty, too long, or has a character no database can quote.
    """
    if not isinstance(name, str):
        raise MetadataError(f"a {what} is a string, not {name!r}")
    if not name:
        raise MetadataError(f"a {what} cannot be empty")
    if "\x00" in name or "`" in name:
        raise MetadataError(
            f"{what} {name!r} has a backtick or NUL, which cannot be quoted; rename it"
        )
    if len(name) > MAX_LENGTH:
        raise MetadataError(f"{what} {name[:20]!r}… is longer than {MAX_LENGTH} characters")
    return name
