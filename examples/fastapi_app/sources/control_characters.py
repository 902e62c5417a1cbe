"""Take control characters out of what packages say of themselves.

Nobody means them, terminals obey them, and databases refuse or mistake some of them.
"""

from __future__ import annotations

import re

# All but tab, newline and carriage return, which are layout.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def has_control_characters(text: str) -> bool:
    """Tell whether a text holds any."""
    return _CONTROL.search(text) is not None


def without_control_characters(text: str) -> str:
    """Return the text with a blank in place of each, and none at its ends."""
    return _CONTROL.sub(" ", text).strip()
