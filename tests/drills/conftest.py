"""Fixtures of this folder."""

from tests.harness.city import city, place
from tests.notifications.conftest import mail

__all__ = ["city", "mail", "place"]
