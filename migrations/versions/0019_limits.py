"""Time limits of everything that is no hazard: what is owed by when, and every step of its ladder."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "time_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("original_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "colour IS NULL OR colour IN ('blue', 'yellow', 'orange', 'red')",
            name=op.f("ck_time_limit_colour"),
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('met', 'met_late', 'dropped')", name=op.f("ck_time_limit_outcome")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_time_limit_ended")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_time_limit_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_time_limit_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_limit")),
    )
    with op.batch_alter_table("time_limit", schema=None) as batch_op:
        batch_op.create_index(
            "ix_time_limit_due",
            ["due_at", "id"],
            unique=False,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("ix_time_limit_path", ["path"], unique=False)
        batch_op.create_index(batch_op.f("ix_time_limit_responsible_id"), ["responsible_id"], unique=False)
        batch_op.create_index("ix_time_limit_subject", ["subject_id"], unique=False)
        batch_op.create_index(
            "uq_time_limit_open",
            ["subject_kind", "subject_id", "name"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "time_limit_step",
        sa.Column("limit_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["time_limit.id"], name=op.f("fk_time_limit_step_limit_id_time_limit")
        ),
        sa.PrimaryKeyConstraint("limit_id", "seq", name=op.f("pk_time_limit_step")),
    )


def downgrade() -> None:
    """Back: what was owed beside hazards is owed by nobody any more."""
    op.drop_table("time_limit_step")
    op.drop_table("time_limit")
