"""Tests of the package explorer."""
