"""Fixtures of this folder."""

from tests.schedule.databases import database

__all__ = ["database"]
