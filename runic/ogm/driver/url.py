"""Read a connection URL into the options that a driver factory takes.

``scheme://user:password@host:port/graph?option=value``; the scheme is the name the driver is
registered under. Percent escapes are decoded in every part.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from runic.ogm.errors import StatementError

# Text even when it looks like a number or a truth value.
_TEXT = frozenset({"graph", "username", "password", "path", "host", "client_name"})
_WORDS = {"true": True, "false": False}


def is_url(text: str) -> bool:
    """Tell whether the text is a URL rather than a driver's name."""
    return "://" in text


def parse_url(url: str) -> tuple[str, dict[str, Any]]:
    """Return the driver's name and its options; absent parts are absent options.

    The URL's path is the option `graph`, or, where the name ends in ``+embedded``, the file `path`.
    Raises `StatementError` for a URL that cannot be read; the message never shows the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise StatementError(f"the connection URL cannot be read: {error}") from None
    place = _file(parts.path) if parts.scheme.endswith("+embedded") else _graph(parts.path)
    found = {
        "host": unquote(parts.hostname or ""),
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        **place,
    }
    options = {name: value for name, value in found.items() if value not in ("", None)}
    return parts.scheme, {**options, **_query_options(parts.query)}


def _graph(path: str) -> dict[str, str]:
    return {"graph": unquote(path.removeprefix("/"))}


def _file(path: str) -> dict[str, str]:
    return {"path": unquote(path)}


def _query_options(query: str) -> dict[str, Any]:
    return {name: _value(name, text) for name, text in parse_qsl(query, keep_blank_values=True)}


def _value(name: str, text: str) -> Any:
    if name in _TEXT:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
