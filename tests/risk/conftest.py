"""Fixtures of this folder."""

from tests.harness.city import city, place
from tests.harness.site import site

__all__ = ["city", "place", "site"]
