"""Fixtures of this folder."""

from tests.harness.city import city, place
from tests.rulebook.desk import desk

__all__ = ["city", "desk", "place"]
