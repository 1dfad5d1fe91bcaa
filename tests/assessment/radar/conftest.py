"""Fixtures of this folder."""

from tests.harness.city import city, place

__all__ = ["city", "place"]
