"""The registry's record of each device, its last values, its present state, and the marker live pages follow."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "live_marker",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_live_marker")),
    )
    op.create_table(
        "device_record",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("upstream", sa.Text(), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("calibrated_on", sa.Date(), nullable=True),
        sa.Column("calibration_due_on", sa.Date(), nullable=True),
        sa.Column("hazard_id", sa.Uuid(), nullable=True),
        sa.Column("hazard_due_on", sa.Date(), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_record_device_id_device")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_device_record_hazard_id_hazard")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_record")),
    )
    with op.batch_alter_table("device_record", schema=None) as batch_op:
        batch_op.create_index("ix_device_record_due", ["calibration_due_on"], unique=False)

    op.create_table(
        "device_value",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_value_device_id_device")),
        sa.PrimaryKeyConstraint("device_id", "quantity", name=op.f("pk_device_value")),
    )
    op.create_table(
        "device_state",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("alarm_level", sa.Integer(), nullable=False),
        sa.Column("alarm_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_faulty", sa.Boolean(), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_state_device_id_device")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_state")),
    )
    with op.batch_alter_table("device_state", schema=None) as batch_op:
        batch_op.create_index("ix_device_state_revision", ["revision"], unique=False)
        batch_op.create_index(
            "ix_device_state_alarm",
            ["device_id"],
            unique=False,
            postgresql_where=sa.text("alarm_level > 0"),
            sqlite_where=sa.text("alarm_level > 0"),
        )


def downgrade() -> None:
    """Back: what devices say is still in the signals, what people entered about them goes."""
    for table in ("device_state", "device_value", "device_record", "live_marker"):
        op.drop_table(table)
