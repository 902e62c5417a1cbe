"""Find the licence that a Python distribution states.

Three generations of fields exist; the newest that says something wins. A name is translated to
its SPDX identifier only where it leaves no doubt: "BSD License" stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from examples.fastapi_app.sources.rows import UNKNOWN_LICENCE

LONGEST_NAME = 100

_SPDX = {
    "MIT License": "MIT",
    "The MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
}


def stated_licence(expression: str, text: str, classifiers: Iterable[str]) -> str:
    """Return the licence, or "unknown"; several classifiers are listed, separated by a comma.

    `expression` is License-Expression, `text` the License field, which may hold a whole licence
    text: that is not a name and is passed over.
    """
    names = [_spdx(name) for name in _from_classifiers(classifiers)]
    return expression.strip() or _spdx(_short(text)) or ", ".join(names) or UNKNOWN_LICENCE


def _spdx(name: str) -> str:
    return _SPDX.get(name, name)


def _short(text: str) -> str:
    name = text.strip()
    unsaid = name.upper() in {"UNKNOWN", "NONE"} or "\n" in name or len(name) > LONGEST_NAME
    return "" if unsaid else name


def _from_classifiers(classifiers: Iterable[str]) -> Iterable[str]:
    for classifier in classifiers:
        kind, _, rest = classifier.partition(" :: ")
        name = rest.rpartition(" :: ")[2]
        if kind == "License" and name not in {"", "OSI Approved"}:
            yield name
