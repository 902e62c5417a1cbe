"""Names that go into query text: labels, relationship types, properties, aliases."""

from __future__ import annotations

import re

from runic.ogm.errors import MetadataError

MAX_LENGTH = 512

# No database can quote the first two, and lone surrogates are not valid Unicode.
_UNUSABLE = re.compile("[`\x00\ud800-\udfff]")


def checked_identifier(name: object, what: str) -> str:
    """Return the name if it can be quoted in a query.

    Raises:
        MetadataError: It is empty, too long, or has a character no database can quote.
    """
    if not isinstance(name, str):
        raise MetadataError(f"a {what} is a string, not {name!r}")
    if not name:
        raise MetadataError(f"a {what} cannot be empty")
    if _UNUSABLE.search(name):
        raise MetadataError(
            f"{what} {name!r} has a backtick, a NUL or half of a surrogate pair, which cannot be"
            " quoted; rename it"
        )
    if len(name) > MAX_LENGTH:
        raise MetadataError(f"{what} {name[:20]!r}… is longer than {MAX_LENGTH} characters")
    return name
