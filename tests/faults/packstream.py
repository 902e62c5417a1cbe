"""PackStream, the encoding of Bolt messages, as the scripted server of `bolt_stub` needs it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any


class Struct(tuple[Any, ...]):
    """A structure: its tag and its fields."""

    tag: int

    def __new__(cls, tag: int | str, *fields: Any) -> Struct:
        self = super().__new__(cls, fields)
        self.tag = ord(tag) if isinstance(tag, str) else tag
        return self


def node(number: int, labels: list[str], properties: dict[str, Any]) -> Struct:
    """Return a node as Bolt 5 sends it."""
    return Struct("N", number, labels, properties, str(number))


def edge(number: int, source: int, target: int, type_: str, properties: dict[str, Any]) -> Struct:
    """Return a relationship as Bolt 5 sends it."""
    texts = (str(number), str(source), str(target))
    return Struct("R", number, source, target, type_, properties, *texts)


_SIZES = ((">B", 2**8), (">H", 2**16), (">I", 2**32))


def packed(value: Any) -> bytes:
    """Return the bytes of a value."""
    return b"".join(_pieces(value))


def _pieces(value: Any) -> Iterator[bytes]:
    if value is None or isinstance(value, bool):
        yield {None: b"\xc0", True: b"\xc3", False: b"\xc2"}[value]
    elif isinstance(value, int):
        yield struct.pack(">Bq", 0xCB, value)
    elif isinstance(value, float):
        yield struct.pack(">Bd", 0xC1, value)
    elif isinstance(value, str):
        encoded = value.encode()
        yield _header(len(encoded), 0x80, 0xD0) + encoded
    elif isinstance(value, Struct):
        yield bytes((0xB0 + len(value), value.tag))
        yield from map(packed, value)
    elif isinstance(value, dict):
        yield _header(len(value), 0xA0, 0xD8)
        yield from (packed(each) for pair in value.items() for each in pair)
    else:
        yield _header(len(value), 0x90, 0xD4)
        yield from map(packed, value)


def _header(size: int, tiny: int, first: int) -> bytes:
    if size < 16:
        return bytes((tiny + size,))
    form, number = next((form, i) for i, (form, limit) in enumerate(_SIZES) if size < limit)
    return bytes((first + number,)) + struct.pack(form, size)


class Reader:
    """Reads values off bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def _take(self, size: int) -> bytes:
        self._place += size
        return self._data[self._place - size : self._place]

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def value(self) -> Any:
        """Return the next value."""
        marker = self._number(">B")
        if marker < 0x80 or marker >= 0xF0:
            return marker if marker < 0x80 else marker - 256
        if marker < 0xC0:
            return self._small(marker & 0xF0, marker & 0x0F)
        if marker in _FIXED:
            return _FIXED[marker]
        if marker in _NUMBERS:
            return self._number(_NUMBERS[marker])
        kind, number = divmod(marker - 0xCC, 4)
        return self._read(kind, self._number(_SIZES[number][0]))

    def _small(self, high: int, size: int) -> Any:
        if high == 0xB0:
            tag = self._number(">B")
            return Struct(tag, *[self.value() for _ in range(size)])
        return self._read({0x80: 1, 0x90: 2, 0xA0: 3}[high], size)

    def _read(self, kind: int, size: int) -> Any:
        reads: tuple[Callable[[], Any], ...] = (
            lambda: self._take(size),
            lambda: self._take(size).decode(),
            lambda: [self.value() for _ in range(size)],
            lambda: {self.value(): self.value() for _ in range(size)},
        )
        return reads[kind]()


_FIXED = {0xC0: None, 0xC2: False, 0xC3: True}
_NUMBERS = {0xC1: ">d", 0xC8: ">b", 0xC9: ">h", 0xCA: ">i", 0xCB: ">q"}
