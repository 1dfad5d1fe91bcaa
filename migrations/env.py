"""Alembic's way in: one connection as the owner, the migrations, then triggers, policies and grants anew."""

import os

from alembic import context

from hazard_flow.settings import load_settings
from hazard_flow.storage import tables
from hazard_flow.storage.base import Base
from hazard_flow.storage.engine import is_sqlite, make_engine
from hazard_flow.storage.protection import install, lift_policies

tables.load()
attributes = context.config.attributes
url = attributes.get("url") or load_settings(os.environ).owner_url
engine = make_engine(url)

try:
    with engine.connect() as connection:
        if is_sqlite(connection):
            # At the driver: within the transaction that SQLAlchemy begins SQLite does not listen to it, and a table that others refer
            # to could not be made anew.
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SELECT set_config('hf.everything', 'on', false)")
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            lift_policies(connection)
            context.run_migrations()
            install(connection, application_role=attributes.get("application_role"))
            if is_sqlite(connection) and (
                broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            ):
                raise RuntimeError(
                    f"rows refer to nothing after the migration, so it was undone: {broken[:5]}"
                )
        connection.commit()
finally:
    engine.dispose()
