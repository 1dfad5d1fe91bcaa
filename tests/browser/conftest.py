"""The running site people of these stories open in a browser."""

from tests.harness.site import site, small_site

__all__ = ["site", "small_site"]
