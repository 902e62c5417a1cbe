"""How random tests draw: the same examples in every run, wherever it runs.

Hypothesis picks another profile where it finds `CI` in the environment. This one states all that
the two differ in, so that a run on a laptop and one in CI are the same.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "runic",
    settings.get_profile("default"),
    derandomize=True,
    database=None,
    # No test is about time.
    deadline=None,
    suppress_health_check=(HealthCheck.too_slow,),
    print_blob=True,
)
settings.load_profile("runic")
