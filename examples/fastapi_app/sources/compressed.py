"""Open a text file that may be compressed, by what it holds, not by its name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from examples.fastapi_app.sources.errors import SourceError

_UNSUPPORTED = {b"\x04\x22\x4d\x18": "lz4", b"\x28\xb5\x2f\xfd": "zstd"}


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open plain, gzip, xz or bzip2 text; bytes that are not UTF-8 become U+FFFD.

    Raises SourceError for a missing, damaged or otherwise compressed file, also while it is read.
    """
    try:
        with _opener(path)() as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise SourceError(f"{path} is cut off or damaged ({error}); fetch it again") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error


def _opener(path: Path) -> Callable[[], TextIO]:
    with path.open("rb") as stream:
        start = stream.read(6)
    _refuse_unsupported(path, start)
    if start.startswith(b"\x1f\x8b"):
        return lambda: gzip.open(path, "rt", encoding="utf-8", errors="replace")
    if start.startswith(b"\xfd7zXZ\x00"):
        return lambda: lzma.open(path, "rt", encoding="utf-8", errors="replace")
    if start.startswith(b"BZh"):
        return lambda: bz2.open(path, "rt", encoding="utf-8", errors="replace")
    return lambda: path.open(encoding="utf-8", errors="replace")


def _refuse_unsupported(path: Path, start: bytes) -> None:
    compression = _UNSUPPORTED.get(start[:4])
    if compression:
        raise SourceError(
            f"{path} is compressed with {compression}, which Python cannot read. Unpack it first:"
            f" /usr/lib/apt/apt-helper cat-file {path} > Packages"
        )
