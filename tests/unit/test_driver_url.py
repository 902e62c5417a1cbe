"""Connection URLs become options."""

from __future__ import annotations

import pytest

from runic.ogm.driver.url import parse_url
from runic.ogm.errors import StatementError


@pytest.mark.parametrize(
    ("url", "name", "options"),
    [
        ("falkordb://localhost", "falkordb", {"host": "localhost"}),
        (
            "falkordb://ada:p%40ss%2Fword@db.example:7000/social",
            "falkordb",
            {"host": "db.example", "port": 7000, "username": "ada", "password": "p@ss/word",
             "graph": "social"},
        ),
        ("falkordbs://[::1]:80/a%2Fb", "falkordbs", {"host": "::1", "port": 80, "graph": "a/b"}),
        (
            "falkordb://h/007?max_connections=4&ssl_check_hostname=false&pool_timeout=1.5",
            "falkordb",
            {"host": "h", "graph": "007", "max_connections": 4, "ssl_check_hostname": False,
             "pool_timeout": 1.5},
        ),
        ("falkordb+embedded://", "falkordb+embedded", {}),
        (
            "falkordb+embedded:///var/lib/my%20data.rdb?graph=5",
            "falkordb+embedded",
            {"path": "/var/lib/my data.rdb", "graph": "5"},
        ),
    ],
)  # fmt: skip
def test_parts_become_options(url: str, name: str, options: dict[str, object]) -> None:
    """Every part of a URL has its option; absent parts are absent."""
    assert parse_url(url) == (name, options)


def test_unreadable_urls_do_not_show_the_password() -> None:
    """The error for a broken URL can be logged."""
    with pytest.raises(StatementError) as caught:
        parse_url("falkordb://ada:secret@host:notaport/g")
    assert "secret" not in str(caught.value)
