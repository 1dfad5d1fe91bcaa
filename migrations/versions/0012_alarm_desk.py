"""The alarm desk: what is owed to an alert, what hides it, and every step taken."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. Alerts that stand already are on the desk from now on without a limit: nobody was asked in time."""
    op.create_table(
        "alert_duty",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('published', 'received', 'responded', 'fed_back', 'archived')",
            name=op.f("ck_alert_duty_stage"),
        ),
        sa.CheckConstraint(
            "verdict IN ('true_alarm', 'false_alarm', 'undecided')", name=op.f("ck_alert_duty_verdict")
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_duty_alert_id_alert")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert_duty")),
    )
    with op.batch_alter_table("alert_duty", schema=None) as batch_op:
        batch_op.create_index("ix_alert_duty_stage", ["stage", "alert_id"], unique=False)

    op.create_table(
        "alert_step",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_step_alert_id_alert")),
        sa.PrimaryKeyConstraint("alert_id", "seq", name=op.f("pk_alert_step")),
        sa.UniqueConstraint("actor", "request_key", name="uq_alert_step_request"),
    )
    op.create_table(
        "alert_visibility",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("work_order", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('shelved', 'suppressed', 'out_of_service')", name=op.f("ck_alert_visibility_kind")
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_visibility_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_visibility")),
    )
    with op.batch_alter_table("alert_visibility", schema=None) as batch_op:
        batch_op.create_index("ix_alert_visibility_alert", ["alert_id"], unique=False)
        batch_op.create_index(
            "uq_alert_visibility_running",
            ["fingerprint"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index("ix_alert_raised", ["raised_at", "id"], unique=False)

    op.execute(
        "INSERT INTO alert_duty (alert_id, home_id, stage, misses, seq)"
        " SELECT a.id, s.home_id, 'published', 0, 0 FROM alert a JOIN asset s ON s.id = a.site_id WHERE a.peak_level > 0"
    )


def downgrade() -> None:
    """Back. What people said on the desk is forgotten; its timers would find nobody to fire them."""
    op.execute("DELETE FROM timer WHERE subject_kind = 'alert'")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_raised")

    with op.batch_alter_table("alert_visibility", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_alert_visibility_running",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_alert_visibility_alert")

    op.drop_table("alert_visibility")
    op.drop_table("alert_step")
    with op.batch_alter_table("alert_duty", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_duty_stage")

    op.drop_table("alert_duty")
