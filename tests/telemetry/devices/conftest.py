"""Fixtures of this folder: the city on both databases."""

from tests.telemetry.conftest import city, database, small_city

__all__ = ["city", "database", "small_city"]
