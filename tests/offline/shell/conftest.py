"""The running site that hands out the app."""

from tests.harness.site import small_site

__all__ = ["small_site"]
