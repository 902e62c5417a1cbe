"""Test what you build on runic: a pytest plugin with a graph per test, and query counting.

Installed with runic, the plugin needs no import: see docs/testing.md for its fixtures.
"""
