"""Inbox and signals cut by day; keys that outlive them; the samples around an alarm kept with its hazard."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from hazard_flow.storage import partitions

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INBOX = ("id", "source_id", "kind", "received_at", "headers", "body", "state", "reason", "processed_at")
_SIGNAL = (
    "id", "inbox_id", "source_id", "delivery_key", "site_id", "device_id", "status", "quantity", "value", "quality", "observed_at",
    "received_at",
)  # fmt: skip
_FOREIGN = {
    "inbox": ["source"],
    "inbox_key": ["source"],
    "signal": ["device", "site", "source"],
}
_REFERRED = {"device": "device", "site": "asset", "source": "source"}
_STORED_AT = "coalesce((SELECT i.received_at FROM inbox i WHERE i.id = inbox_id), CURRENT_TIMESTAMP)"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "signal_key",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_signal_key")),
    )
    op.create_index("ix_signal_key_stored", "signal_key", ["stored_at"], postgresql_using="brin")
    op.execute("INSERT INTO signal_key SELECT source_id, delivery_key, id, received_at FROM signal")
    op.create_table(
        "curve_sample",
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "hazard_id", "device_id", "quantity", "observed_at", "signal_id", name=op.f("pk_curve_sample")
        ),
    )
    op.add_column("alert", sa.Column("curve_steps", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_alert_curve_steps",
        "alert",
        ["raised_at"],
        postgresql_where=sa.text("curve_steps < 3"),
        sqlite_where=sa.text("curve_steps < 3"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _cut_by_day()
    else:
        _rekey()
    op.create_index("ix_inbox_key_stored", "inbox_key", ["stored_at"], postgresql_using="brin")


def downgrade() -> None:
    """Back. Signals and messages become plain tables again; the samples kept with hazards are given up."""
    op.drop_index("ix_alert_curve_steps", "alert")
    if op.get_bind().dialect.name == "postgresql":
        _join_days()
    else:
        _rekey_back()
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_column("curve_steps")
    op.drop_table("curve_sample")
    op.drop_table("signal_key")


def _cut_by_day() -> None:
    """What stands becomes the rest of a cut table: no row is copied."""
    for table, referring in _FOREIGN.items():
        for one in referring:
            op.drop_constraint(f"fk_{table}_{one}_id_{_REFERRED[one]}", table, type_="foreignkey")
    op.add_column("inbox_key", sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"UPDATE inbox_key SET stored_at = {_STORED_AT}")  # noqa: S608 - our own words
    op.alter_column("inbox_key", "stored_at", nullable=False)
    op.drop_index("ix_inbox_state", "inbox")
    op.drop_constraint("uq_signal_source_id_delivery_key", "signal", type_="unique")
    for statement in partitions.make_schema(op.get_bind()):
        op.execute(statement)
    for table, make, index in (("inbox", _inbox, _inbox_indexes), ("signal", _signal, _signal_indexes)):
        op.drop_constraint(f"pk_{table}", table, type_="primary")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_rest")
        op.execute(f"ALTER TABLE {table}_rest SET SCHEMA {partitions.SCHEMA}")
        make(postgresql_partition_by="RANGE (received_at)")
        op.execute(f"ALTER TABLE {table} ATTACH PARTITION {partitions.SCHEMA}.{table}_rest DEFAULT")
        index()


def _join_days() -> None:
    op.execute("CREATE SCHEMA hf_gone")
    for table, columns, make in (("inbox", _INBOX, _inbox), ("signal", _SIGNAL, _signal)):
        op.execute(f"ALTER TABLE {table} SET SCHEMA hf_gone")
        make(*_foreign(table), *_unique(table), key=("id",))
        op.execute(_copying(table, columns, columns, f"hf_gone.{table}"))
        op.execute(f"DROP TABLE hf_gone.{table}")
        op.execute(f"DROP FUNCTION IF EXISTS hf_ahead_{table}(date), hf_drop_{table}(date)")
    op.execute(f"DROP SCHEMA {partitions.SCHEMA}")
    op.execute("DROP SCHEMA hf_gone")
    _old_indexes()
    op.drop_index("ix_inbox_key_stored", "inbox_key")
    op.drop_column("inbox_key", "stored_at")
    op.create_foreign_key("fk_inbox_key_source_id_source", "inbox_key", "source", ["source_id"], ["id"])


def _rekey() -> None:
    """On SQLite a table gets another key by being copied."""
    _copied("inbox_key", ("source_id", "key", "inbox_id"), _inbox_key, stored_at=_STORED_AT)
    for index in ("ix_inbox_pending", "ix_inbox_state"):
        op.drop_index(index, "inbox")
    op.drop_index("ix_signal_curve", "signal")
    _copied("inbox", _INBOX, _inbox)
    _copied("signal", _SIGNAL, _signal)
    _inbox_indexes()
    _signal_indexes()


def _rekey_back() -> None:
    op.drop_index("ix_inbox_key_stored", "inbox_key")
    for index in ("ix_inbox_pending", "ix_inbox_dead"):
        op.drop_index(index, "inbox")
    op.drop_index("ix_signal_curve", "signal")
    _copied("inbox_key", ("source_id", "key", "inbox_id"), lambda: _inbox_key(dated=False))
    for table, columns, make in (("inbox", _INBOX, _inbox), ("signal", _SIGNAL, _signal)):
        _copied(table, columns, lambda t=table, m=make: m(*_foreign(t), *_unique(t), key=("id",)))
    _old_indexes()


def _copied(table: str, columns: Sequence[str], make: Callable[[], None], **further: str) -> None:
    op.rename_table(table, f"{table}_old")
    make()
    op.execute(_copying(table, (*columns, *further), (*columns, *further.values()), f"{table}_old"))
    op.drop_table(f"{table}_old")


def _copying(table: str, columns: Sequence[str], values: Sequence[str], source: str) -> str:
    # S608: nothing in it is anybody's input.
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}"  # noqa: S608


def _foreign(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [f"{one}_id"], [f"{_REFERRED[one]}.id"], name=op.f(f"fk_{table}_{one}_id_{_REFERRED[one]}")
        )
        for one in _FOREIGN[table]
    ]


def _unique(table: str) -> list[sa.UniqueConstraint]:
    if table != "signal":
        return []
    return [sa.UniqueConstraint("source_id", "delivery_key", name=op.f("uq_signal_source_id_delivery_key"))]


def _inbox(*more: Any, key: Sequence[str] = ("id", "received_at"), **options: Any) -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done', 'dead')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_inbox")),
        *more,
        **options,
    )


def _inbox_key(*, dated: bool = True) -> None:
    further = (
        [sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False)]
        if dated
        else [
            sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_inbox_key_source_id_source"))
        ]
    )
    op.create_table(
        "inbox_key",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("inbox_id", sa.Uuid(), nullable=False),
        *further,
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_inbox_key")),
    )


def _signal(*more: Any, key: Sequence[str] = ("id", "received_at"), **options: Any) -> None:
    op.create_table(
        "signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inbox_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_key", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_signal")),
        *more,
        **options,
    )


def _inbox_indexes() -> None:
    _partial("ix_inbox_pending", ["id"], "state = 'pending'")
    _partial("ix_inbox_dead", ["received_at", "id"], "state = 'dead'")


def _old_indexes() -> None:
    _partial("ix_inbox_pending", ["id"], "state = 'pending'")
    op.create_index("ix_inbox_state", "inbox", ["state", "received_at", "id"])
    _signal_indexes()


def _signal_indexes() -> None:
    op.create_index("ix_signal_curve", "signal", ["device_id", "quantity", "observed_at"])


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "inbox", columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
