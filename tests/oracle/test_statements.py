"""Random statements find what plain Python finds in the same graph; the same in every run.

`python -m tests.oracle --part statements --seconds 600` goes on where this stops.
"""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

import runic.ogm.query
from runic.ogm.schema import AsyncSchemaManager, SchemaManager
from tests.backends import Target
from tests.faces import call
from tests.oracle.statements import models
from tests.oracle.statements.explore import is_documented
from tests.oracle.statements.kinds import KINDS, NEEDED, case
from tests.oracle.statements.pen import NotDrawn, Pen, grammar
from tests.oracle.statements.reads import criteria, projections
from tests.oracle.statements.spelled import real, text_of
from tests.oracle.statements.world import FIRST

# Of those that are made of more than others, more are asked.
EXAMPLES = {"relations": 60, "criteria": 25, "entities": 25, "projections": 25, "functions": 25}


@pytest.fixture
async def world(session: Any, driver: Any, face: str) -> Any:
    """Return a session on the graph that is asked about, with the indexes of what is searched."""
    schema = AsyncSchemaManager(driver) if face == "async" else SchemaManager(driver)
    await call(schema.create_all, models.Note)
    session.add_all(FIRST.entities())
    await session.commit()
    session.expunge_all()
    return session


@pytest.mark.parametrize("kind", KINDS)
async def test_a_statement_finds_what_python_finds(
    world: Any, backend_face: Target, kind: str
) -> None:
    """Whatever is drawn; what a backend refuses, its page tells."""
    asked, chance = 0, random.Random(kind)
    if not Pen(chance.randint, FIRST, backend_face.backend).has(NEEDED.get(kind, "WHERE")):
        pytest.skip(f"{backend_face.backend} has no {NEEDED[kind]}")
    while asked < EXAMPLES.get(kind, 10):
        pen = Pen(chance.randint, FIRST, backend_face.backend)
        try:
            await case(pen, kind).ask(world)
        except NotDrawn:
            continue
        except Exception as error:
            if not is_documented(error, backend_face.backend):
                error.add_note(f"{kind}: {pen.numbers}")
                raise
        asked += 1


def test_every_clause_and_function_of_the_docs_is_drawn() -> None:
    """A row of docs/cypher.md that no generator draws is a row that nothing checks."""
    left, chance = {*grammar()}, random.Random(1)
    for _ in range(5000):
        pen = Pen(chance.randint, FIRST, "falkordb")
        with contextlib.suppress(NotDrawn):
            case(pen, chance.choice([*KINDS]))
            left -= pen.told.keys()
        if not left:
            break
    assert left == set()


def test_what_is_drawn_is_in_the_grammar_and_the_same_twice() -> None:
    """Equal numbers draw equal statements, whose rows docs/cypher.md has."""
    for kind in KINDS.values():
        one, other = (Pen(random.Random(7).randint, FIRST, "falkordb") for _ in range(2))
        assert str(kind(one)) == str(kind(other))
        assert one.told == other.told


@pytest.mark.parametrize("kind", [criteria, projections])
def test_the_text_of_a_statement_is_the_statement(kind: Any) -> None:
    """What is printed of a failure builds the query that failed."""
    names = {**vars(runic.ogm.query), **vars(models)}
    for number in range(100):
        case = kind(Pen(random.Random(number).randint, FIRST, "falkordb"))
        again = eval(text_of(case.stmt), names).build()
        assert again.text == real(case.stmt).build().text
        assert str(again.params) == str(real(case.stmt).build().params)
