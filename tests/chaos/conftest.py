"""The places to be mistreated."""

from tests.chaos.place import durable_server, place, postgres_place, sqlite_place

__all__ = ["durable_server", "place", "postgres_place", "sqlite_place"]
