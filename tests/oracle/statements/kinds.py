"""Every kind of statement that is drawn, by its name."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle.statements.cases import Case
from tests.oracle.statements.pen import Pen
from tests.oracle.statements.reads import KINDS_OF_READS

KINDS: dict[str, Callable[[Pen], Case]] = {**KINDS_OF_READS}
