"""What statements become on AGE, where it needs other words."""

from __future__ import annotations

from runic.ogm.driver.age import AGEDialect
from runic.ogm.query import col, select
from tests.unit.query_models import User

AGE = AGEDialect()


def test_a_bound_is_asked_for_in_two_parts_with_one_parameter() -> None:
    """`>=` with an index of AGE leaves out what is equal; texts that are kept say so again."""
    for _ in range(2):
        stmt = select(User).where(User.name == "x", col(User.age) >= 18, col(User.age) <= 90)
        text = stmt.build(AGE).text
        assert "(n.`age` > $p1 OR n.`age` = $p1) AND n.`age` <= $p2" in text
    alone = select(User).where(col(User.age) >= 18).build(AGE).text
    assert "(n.`age` > $p0 OR n.`age` = $p0)" in alone
