"""The compliance suite: what runic needs of a driver, as named tests that its author runs.

It needs pytest and the driver's server, and works for drivers that block and for async ones:

    from runic.ogm.testing.suite import DriverCompliance

    class TestMyDriver(DriverCompliance):
        ...

See docs/writing-a-driver.md. runic's own drivers pass it in tests/compliance.
"""

import pytest

# Before the imports: an assertion that fails in there shows its values then.
pytest.register_assert_rewrite(__name__)

from runic.ogm.testing.suite.compliance import DriverCompliance, requirements  # noqa: E402

__all__ = ["DriverCompliance", "requirements"]
