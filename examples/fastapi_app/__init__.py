"""A package explorer: what depends on what here, why is it installed, what breaks without it.

`sources` reads the packages of a Python environment or of a Debian system into plain rows.
"""
