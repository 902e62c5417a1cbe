"""What the oracle found in blocks, in its smallest form."""

from __future__ import annotations

import pytest

from runic.ogm.errors import SessionError
from runic.ogm.query import select
from tests.oracle.models import Firm


async def test_a_block_that_cannot_commit_rolls_back(session, new_session):
    """What is written after an inner block failed is not kept by the next commit either."""
    with pytest.raises(SessionError, match="inside of this one failed"):
        async with session.begin():
            with pytest.raises(ZeroDivisionError):
                async with session.begin():
                    raise ZeroDivisionError
            session.add(Firm(id="f1"))
    assert session.new == []
    await session.commit()
    assert await new_session().count(select(Firm)) == 0


@pytest.mark.requires("transactions")
async def test_a_rollback_brings_back_nothing_that_was_let_go(session):
    """After expunge_all the object that is loaded anew stays the session's own."""
    session.add(old := Firm(id="f1"))
    await session.commit()
    session.add(Firm(id="f2"))
    await session.flush()
    session.expunge_all()
    new = await session.get(Firm, "f1")
    await session.rollback()
    assert old not in session
    assert await session.get(Firm, "f1") is new
