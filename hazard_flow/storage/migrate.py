"""Bring a database to the shape the code expects, and say where it differs."""

import re
from functools import cache
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from hazard_flow.resources import resource_dir
from hazard_flow.storage import protection
from hazard_flow.storage.base import Base
from hazard_flow.storage.engine import make_engine


def config(url: str = "") -> Config:
    """An Alembic configuration that needs no ini file."""
    settings = Config()
    settings.set_main_option("script_location", str(resource_dir("migrations")))
    settings.attributes["url"] = url
    return settings


def upgrade(url: str, *, application_role: str | None = None, revision: str = "head") -> None:
    """Run all missing migrations as the owner, then (re-)install triggers, policies and the application role's grants."""
    settings = config(url)
    settings.attributes["application_role"] = application_role
    command.upgrade(settings, revision)


def downgrade(url: str, revision: str) -> None:
    """Go back to an earlier revision."""
    command.downgrade(config(url), revision)


def application_role(database_url: str, owner_url: str) -> str | None:
    """The role that gets grants: the application's user when it is not the owner."""
    user, owner = make_url(database_url).username, make_url(owner_url).username
    return user if user and user != owner else None


@cache
def head() -> str:
    """The newest revision the code knows."""
    revision = ScriptDirectory.from_config(config()).get_current_head()
    assert revision is not None
    return revision


def current(connection: sa.Connection) -> str | None:
    """The revision the database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def differences(url: str) -> list[str]:
    """Where tables, constraints, triggers or policies of the database differ from the code; empty when they agree."""
    engine = make_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        found = [_sentence(item) for item in compare_metadata(context, Base.metadata)]
        found += _missing_checks(connection)
        found += protection.differences(connection)
    engine.dispose()
    return found


def _missing_checks(connection: sa.Connection) -> list[str]:
    """Alembic does not compare CHECK constraints: name by name and value by value, ourselves."""
    inspector = sa.inspect(connection)
    found = []
    for table in Base.metadata.sorted_tables:
        if not inspector.has_table(table.name):
            continue
        wanted = {
            str(c.name): _values(str(c.sqltext))
            for c in table.constraints
            if isinstance(c, sa.CheckConstraint) and c.name
        }
        present = {str(c["name"]): _values(c["sqltext"]) for c in inspector.get_check_constraints(table.name)}
        found += [f"check {name} on {table.name} is missing" for name in sorted(wanted.keys() - present)]
        found += [
            f"check {name} on {table.name} is not in the code" for name in sorted(present.keys() - wanted)
        ]
        found += [
            f"check {name} on {table.name} allows other values"
            for name in sorted(wanted.keys() & present)
            if wanted[name] != present[name]
        ]
    return found


def _values(condition: str) -> frozenset[str]:
    """The texts a CHECK names: PostgreSQL rewrites the condition, never these."""
    return frozenset(re.findall(r"'([^']*)'", condition))


def _sentence(item: Any) -> str:
    return " ".join(str(part) for part in item) if isinstance(item, tuple) else str(item)
