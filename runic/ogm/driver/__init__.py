"""Drivers: text out, records in."""

from __future__ import annotations

from runic.ogm.driver.base import Driver, EdgeRecord, NodeRecord, PathRecord, Result

__all__ = ["Driver", "EdgeRecord", "NodeRecord", "PathRecord", "Result"]
