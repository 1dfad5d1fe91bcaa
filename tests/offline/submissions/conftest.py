"""The running site the tablets talk to."""

from tests.harness.site import site, small_site

__all__ = ["site", "small_site"]
