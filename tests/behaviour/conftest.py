"""What behaviour tests arrange in the database itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runic.ogm.testing.server import RunServer


@pytest.fixture
def unique(runic_server: RunServer, runic_graph: str) -> Callable[[str, str], None]:
    """Return a function that has the database refuse a second node with the same value."""

    def constrain(label: str, name: str) -> None:
        runic_server.client.select_graph(runic_graph).create_node_unique_constraint(label, name)

    return constrain
