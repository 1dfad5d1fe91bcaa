"""Conditions: when an episode fired and became normal by the device's clock, storms, suppression; intervals and silence of devices."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _device() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("expect_every_seconds", sa.Integer(), nullable=True),
        sa.Column("gateway_id", sa.Uuid(), nullable=True),
        sa.Column("upstream_id", sa.Uuid(), nullable=True),
        sa.Column("silent_due_at", sa.DateTime(timezone=True), nullable=True),
    )


def _alert() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("normal_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("suppressed_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("storm_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
    )


def upgrade() -> None:
    """Forward."""
    # Column by column, not by rebuilding the tables: others refer to their rows.
    for column in _device():
        op.add_column("device", column)
    for column in _alert():
        op.add_column("alert", column)
    op.execute("UPDATE alert SET fired_at = started_at")
    op.execute("UPDATE alert SET normal_at = seen_to_at WHERE condition = 'normal'")
    op.create_index("ix_device_silent", "device", ["silent_due_at"], unique=False)
    op.create_index("ix_device_gateway", "device", ["gateway_id"], unique=False)
    op.create_index("ix_device_upstream", "device", ["upstream_id"], unique=False)
    op.create_index("ix_alert_rule", "alert", ["rule", "raised_at"], unique=False)
    op.create_index("ix_alert_storm", "alert", ["storm_id"], unique=False)
    op.create_table(
        "sweep",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("done_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep")),
    )
    op.create_table(
        "alarm_trial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_trial")),
    )
    op.create_index("ix_alarm_trial_at", "alarm_trial", ["made_at", "id"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_alarm_trial_at", table_name="alarm_trial")
    op.drop_table("alarm_trial")
    op.drop_table("sweep")
    for name, table in (
        ("ix_alert_storm", "alert"),
        ("ix_alert_rule", "alert"),
        ("ix_device_upstream", "device"),
        ("ix_device_gateway", "device"),
        ("ix_device_silent", "device"),
    ):
        op.drop_index(name, table_name=table)
    for column in reversed(_alert()):
        op.drop_column("alert", column.name)
    for column in reversed(_device()):
        op.drop_column("device", column.name)
