"""Local policy, local catalogue rows, imported working days, and the stamps that tell of an import."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('official', 'provisional')", name=op.f("ck_calendar_day_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("division", "day", "edition", name=op.f("uq_calendar_day_division_day_edition")),
    )
    op.create_table(
        "local_catalogue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("authority_division", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("default_level", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("basis_confidence", sa.Text(), nullable=False),
        sa.Column("response_hours", sa.Text(), nullable=False),
        sa.Column("deadline_days", sa.Integer(), nullable=False),
        sa.Column("interim_control", sa.Text(), nullable=False),
        sa.Column("suggested_evidence", sa.Text(), nullable=False),
        sa.Column("telemetry_trigger", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "basis_confidence IN ('verified', 'partly_verified', 'memory')",
            name=op.f("ck_local_catalogue_basis_confidence"),
        ),
        sa.CheckConstraint(
            "default_level IN ('major', 'conditional_major', 'general')",
            name=op.f("ck_local_catalogue_default_level"),
        ),
        sa.CheckConstraint("urgency IN ('M', 'A', 'B', 'C')", name=op.f("ck_local_catalogue_urgency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_catalogue")),
        sa.UniqueConstraint(
            "code",
            "authority_division",
            "valid_from",
            "version",
            name=op.f("uq_local_catalogue_code_authority_division_valid_from_version"),
        ),
    )
    op.create_table(
        "local_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "confidence IN ('V', 'V2', 'P', 'M', 'D')", name=op.f("ck_local_policy_confidence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_policy")),
        sa.UniqueConstraint(
            "key",
            "division",
            "valid_from",
            "version",
            name=op.f("uq_local_policy_key_division_valid_from_version"),
        ),
    )
    op.create_table(
        "rule_stamp",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("counted_to", sa.Uuid(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_rule_stamp")),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("rule_stamp")
    op.drop_table("local_policy")
    op.drop_table("local_catalogue")
    op.drop_table("calendar_day")
