"""Read agtype, the text in which Apache AGE returns every value; no I/O.

It is JSON with suffixes (``}::vertex``, ``}::edge``, ``]::path``, ``::numeric``). Most values have
none and are read by the JSON reader alone. The suffixes of the others become members that no
stored map can have (AGE keeps no NUL), so that the same reader can be used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from runic.ogm.driver.base import EdgeRecord, NodeRecord, PathRecord

# The labels of a node beside the one that AGE can give it; see `AGEDialect`.
LABELS = "_labels"

_MARK = "\0"
_VERTEX, _EDGE, _PATH = ',"\\u0000":"v"}', ',"\\u0000":"e"}', ',"\\u0000"]'
_SUFFIXED = re.compile(
    r'"(?:[^"\\]|\\.)*"|\}::vertex|\}::edge|\]::path'
    r"|(-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity|NaN))::numeric"
)


def read_agtype(text: str) -> Any:
    """Return the value: vertices, edges and paths as records, also inside of lists and maps."""
    if "::" not in text:
        # By far the most frequent, and read without the JSON reader.
        if text[0] == '"' and "\\" not in text:
            return text[1:-1]
        return json.loads(text)
    value = _read(text)
    return _with_paths(value) if "]::path" in text else value


def _read(text: str) -> Any:
    if "::numeric" not in text:
        marked = text.replace("}::vertex", _VERTEX).replace("}::edge", _EDGE)
        try:
            return json.loads(marked.replace("]::path", _PATH), object_hook=_record)
        except json.JSONDecodeError:
            pass  # a string holds such a suffix; the slow way tells strings apart
    return json.loads(_SUFFIXED.sub(_marked, text), object_hook=_record)


def _marked(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == '"':
        return found
    known = {"}::vertex": _VERTEX, "}::edge": _EDGE, "]::path": _PATH}.get(found)
    return known or f'{{"\\u0000":"n","v":"{match[1]}"}}'


def _record(item: dict[str, Any]) -> Any:
    mark = item.get(_MARK)
    return item if mark is None else _RECORDS[mark](item)


def _vertex(item: dict[str, Any]) -> NodeRecord:
    properties, label = item["properties"], item["label"]
    labels = properties.pop(LABELS, None)
    return NodeRecord(item["id"], labels or ([label] if label else []), properties)


def _edge(item: dict[str, Any]) -> EdgeRecord:
    ends = item["start_id"], item["end_id"]
    return EdgeRecord(item["id"], item["label"], *ends, item["properties"])


def _numeric(item: dict[str, Any]) -> Decimal:
    return Decimal(item["v"])


_RECORDS: dict[str, Callable[[dict[str, Any]], Any]] = {"v": _vertex, "e": _edge, "n": _numeric}


def _with_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_paths(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if value and value[-1] == _MARK:
        return PathRecord(value[:-1:2], value[1:-1:2])
    return [_with_paths(item) for item in value]
