"""Builder forms that know the Python text they are written in.

What the generator builds is a `Spelled`: it does with the real expression or statement whatever is
done with it, and keeps the text of that. A failure is so printed as a program that can be run.
"""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import Any

from runic.ogm import query
from runic.ogm.query.statement import Statement


class Spelled:
    """Something that runic was given or made, and its text."""

    __slots__ = ("_real", "_text")

    def __init__(self, text: str, real: Any) -> None:
        self._text = text
        self._real = real

    def __getattr__(self, name: str) -> Spelled:
        if name.startswith("__"):
            raise AttributeError(name)
        return Spelled(f"{self._text}.{name}", getattr(self._real, name))

    def __call__(self, *given: Any, **named: Any) -> Spelled:
        texts, values = zip(*map(_argument, given), strict=True) if given else ((), ())
        pairs = {name: _argument(value) for name, value in named.items()}
        spelled = [*texts, *(f"{name}={text}" for name, (text, _) in pairs.items())]
        made = self._real(*values, **{name: value for name, (_, value) in pairs.items()})
        return Spelled(f"{self._text}({', '.join(spelled)})", made)

    def __neg__(self) -> Spelled:
        return Spelled(f"(-{self._text})", -self._real)

    def __invert__(self) -> Spelled:
        return Spelled(f"(~{self._text})", ~self._real)

    # Not by value: what is spelled is compared by building a comparison.
    __hash__ = object.__hash__

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


def _operator(sign: str, name: str) -> None:
    def forwards(self: Spelled, other: Any) -> Spelled:
        text, value = _argument(other)
        return Spelled(f"({self._text} {sign} {text})", getattr(self._real, name)(value))

    setattr(Spelled, name, forwards)


def _reflected(sign: str, name: str) -> None:
    def backwards(self: Spelled, other: Any) -> Spelled:
        return Spelled(f"({text_of(other)} {sign} {self._text})", getattr(self._real, name)(other))

    setattr(Spelled, name, backwards)


for _sign, _name in {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}.items():
    _operator(_sign, f"__{_name}__")
for _sign, _name in {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "%": "mod", "**": "pow",
                     "&": "and", "|": "or", "^": "xor"}.items():  # fmt: skip
    _operator(_sign, f"__{_name}__")
    _reflected(_sign, f"__r{_name}__")


class Builders:
    """What `runic.ogm.query` exports, spelled as after `from runic.ogm.query import *`."""

    def __getattr__(self, name: str) -> Spelled:
        return Spelled(name, getattr(query, name))


q = Builders()


def spell(cls: type[Any]) -> Spelled:
    """Return a class as it is written."""
    return Spelled(cls.__name__, cls)


def real(made: Any) -> Any:
    """Return what runic made, without its text."""
    return made._real if isinstance(made, Spelled) else made


def _argument(value: Any) -> tuple[str, Any]:
    if isinstance(value, Spelled):
        return value._text, value._real
    if isinstance(value, FunctionType):
        return _function(value)
    if isinstance(value, list):
        return text_of(value), [real(item) for item in value]
    return text_of(value), value


def _function(function: Callable[..., Any]) -> tuple[str, Any]:
    """Return a function of items, and one that runic can call with its own."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    said: list[str] = []

    def called(*items: Any) -> Any:
        made = function(*map(Spelled, names, items))
        said.append(text_of(made))
        return real(made)

    arguments = ", ".join(names)
    # With arguments of the same names, which runic reads.
    wrapped = eval(f"lambda {arguments}: called({arguments})", {"called": called})
    wrapped(*(query.var(name) for name in names))
    return f"lambda {arguments}: {said[0]}", wrapped


def text_of(value: Any) -> str:
    """Return a plain value as Python text."""
    if isinstance(value, Spelled):
        return value._text
    if isinstance(value, list):
        return f"[{', '.join(map(text_of, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {text_of(each)}' for key, each in value.items())}}}"
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, type):
        return value.__name__
    return repr(value).replace("datetime.", "dt.") if isinstance(value, dt.date) else repr(value)


def program(text: str) -> str:
    """Return Python text laid out as this project's is."""
    command = ["ruff", "format", "--no-cache", "--line-length=100", "-"]
    try:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.CalledProcessError):
        return text
    return done.stdout


def is_statement(made: Any) -> bool:
    """Tell whether something is a statement that reads."""
    return isinstance(real(made), Statement)
