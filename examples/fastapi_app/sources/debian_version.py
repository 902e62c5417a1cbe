"""Put Debian versions in their order, as dpkg does.

Called where a package is listed in several versions and the newest is wanted.
"""

from __future__ import annotations

import re
from typing import TypeAlias

_PIECE = re.compile(r"(\D*)(\d*)")
_END = 0

Piece: TypeAlias = tuple[tuple[int, ...], int]

_NOTHING: Piece = ((_END,), 0)


def version_key(version: str) -> tuple[int, list[Piece], list[Piece]]:
    """Return a key that sorts as dpkg sorts: epoch, upstream version, revision.

    Versions that dpkg calls equal ("1.0" and "1.0-0") have equal keys.
    """
    epoch, colon, rest = version.partition(":")
    if not colon or not epoch.isdigit():
        epoch, rest = "0", version
    upstream, dash, revision = rest.rpartition("-")
    if not dash:
        upstream, revision = rest, ""
    return int(epoch), _pieces(upstream), _pieces(revision)


def _pieces(text: str) -> list[Piece]:
    pieces = [(_order(word), int(number or 0)) for word, number in _PIECE.findall(text)]
    while pieces and pieces[-1] == _NOTHING:
        pieces.pop()
    # One is put back: "1~" must come before "1", though it is the longer list.
    return [*pieces, _NOTHING]


def _order(word: str) -> tuple[int, ...]:
    return (*(_rank(character) for character in word), _END)


def _rank(character: str) -> int:
    """Sort "~" before the end of the text, letters before everything else."""
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 0x110000
