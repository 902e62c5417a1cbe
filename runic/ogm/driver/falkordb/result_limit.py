"""Bring all rows of a result where the server cuts long ones.

Fault S21: with RESULTSET_SIZE set, every longer result ends there without a word. What is collected
into one row is not cut, so a read that may have been is asked again in this form.
"""

from __future__ import annotations

from collections.abc import Sequence

from redis.exceptions import ResponseError

from runic.ogm.driver.base import Result
from runic.ogm.driver.cypher_text.tokens import Token, clause_words, tokens_of
from runic.ogm.driver.falkordb.transport import Transport
from runic.ogm.driver.falkordb.wire import Request, packed
from runic.ogm.errors import ResultCutError
from runic.ogm.query.compiled import Query

_COMMAND = (b"GRAPH.CONFIG", b"GET", b"RESULTSET_SIZE")
_ASK = Request((_COMMAND,), packed(_COMMAND), 1, repeatable=True)
_ENDS = frozenset({"ORDER", "SKIP", "LIMIT"})


class ResultLimit:
    """How many rows the server returns at most; asked once, with the first rows that come."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._rows: int | None = None
        self._asked = False

    async def may_have_cut(self, result: Result, timeout: float | None) -> bool:
        """Tell whether a result is as long as the server's results can be."""
        if not self._asked:
            self._rows = await self._ask(timeout)
            self._asked = True
        return len(result.rows) == self._rows

    async def _ask(self, timeout: float | None) -> int | None:
        try:
            reply = await self._transport.send(_ASK, "GRAPH.CONFIG GET RESULTSET_SIZE", timeout)
        except ResponseError:
            # A user without this permission, or a cluster: then nobody here can know.
            return None
        size = int(reply[1])
        return size if size > 0 else None


def in_one_row(query: Query, columns: Sequence[str]) -> Query:
    """Return the query with all its rows, as lists, in the only row it returns.

    The server refuses it where a column of a union has no name.
    """
    text, names = _with_names(query.text, columns)
    # A comment may end the text.
    wrapped = f"CALL {{ {text}\n}} RETURN collect([{', '.join(names)}]) AS all_rows"
    return Query(wrapped, query.params, read_only=True)


def cut(query: Query, rows: int, why: str) -> ResultCutError:
    """Return the error for a result that may have been cut."""
    return ResultCutError(
        f"the result has {rows} rows, where the server's RESULTSET_SIZE cuts it off, so there may"
        f" be more: {why}. Raise RESULTSET_SIZE, or ask for fewer rows than that",
        statement=query.text,
    )


def _with_names(text: str, columns: Sequence[str]) -> tuple[str, list[str]]:
    """Return the text with a name for each column, and these names."""
    text, quoted = text.rstrip("; \n\t"), [f"`{name}`" for name in columns]
    tokens = list(tokens_of(text))
    returns = [token for token in clause_words(tokens) if token.keyword == "RETURN"]
    if len(returns) != 1:
        return text, quoted
    items = _items(tokens, returns[0])
    if items[0][0].text == "*":
        star = items[0][0]
        return f"{text[: star.start]}{', '.join(quoted)}{text[star.end :]}", quoted
    names = [_alias(item) for item in items]
    for number, item in reversed(list(enumerate(items))):
        if not names[number]:
            names[number] = f"runic_column_{number}"
            end = item[-1].end
            text = f"{text[:end]} AS {names[number]}{text[end:]}"
    return text, names


def _alias(item: list[Token]) -> str:
    named = len(item) > 2 and item[-2].keyword == "AS" and not item[-2].inside
    return item[-1].text if named else ""


def _items(tokens: list[Token], returns: Token) -> list[list[Token]]:
    """Return the tokens of each item of a RETURN."""
    listed = tokens[tokens.index(returns) + 1 :]
    end = next((t for t in clause_words(listed) if t.keyword in _ENDS), None)
    listed = listed[: listed.index(end)] if end else listed
    if listed and listed[0].keyword == "DISTINCT":
        listed = listed[1:]
    items: list[list[Token]] = [[]]
    for token in listed:
        if token.text == "," and not token.inside:
            items.append([])
        else:
            items[-1].append(token)
    return items
