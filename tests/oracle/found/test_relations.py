"""What the oracle found in relations, in its smallest form."""

from __future__ import annotations

from runic.ogm.query import select
from tests.oracle.models import Firm, Person


async def test_a_list_that_was_given_and_written_is_left(session):
    """A person is taken out of the list it was given to, though its own side is not loaded."""
    new, old = Firm(id="f2", staff=[Person(id="p2")]), Firm(id="f1", staff=[Person(id="p1")])
    session.add_all([new, old])
    await session.commit()
    (person,) = old.staff
    session.expire(person)
    await session.one(select(Person).where(Person.id == "p1"))
    new.staff.append(person)
    assert old.staff == []
