"""Facts of hazards, the figures made of them, scores and appeals."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "hazard_fact",
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("catalogue_code", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("is_users", sa.Boolean(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("reopen_of_id", sa.Uuid(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("original_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_recheck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_recheck_passed", sa.Boolean(), nullable=True),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("orange_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("red_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("control_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("controlled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("regulator_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hazard_id", name=op.f("pk_hazard_fact")),
    )
    op.create_index(
        "ix_hazard_fact_assigned", "hazard_fact", ["home_id", "assigned_at", "hazard_id"], unique=False
    )
    op.create_index(
        "ix_hazard_fact_closed", "hazard_fact", ["home_id", "closed_at", "hazard_id"], unique=False
    )
    op.create_index(
        "ix_hazard_fact_due", "hazard_fact", ["home_id", "original_due_at", "hazard_id"], unique=False
    )
    op.create_index(
        "ix_hazard_fact_open",
        "hazard_fact",
        ["home_id", "original_due_at", "hazard_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_hazard_fact_rechecked", "hazard_fact", ["home_id", "first_recheck_at", "hazard_id"], unique=False
    )
    op.create_index(
        "ix_hazard_fact_recurs", "hazard_fact", ["asset_id", "catalogue_code", "reported_at"], unique=False
    )
    op.create_index("ix_hazard_fact_reopens", "hazard_fact", ["reopen_of_id"], unique=False)
    op.create_index(
        "ix_hazard_fact_reported", "hazard_fact", ["home_id", "reported_at", "hazard_id"], unique=False
    )
    op.create_table(
        "region_value",
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("peers", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("above", sa.Double(), nullable=False),
        sa.Column("below", sa.Double(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("field", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("division", "peers", "period", "indicator", name=op.f("pk_region_value")),
    )
    op.create_table(
        "enterprise_class",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("supply", sa.Text(), nullable=False),
        sa.Column("users", sa.Integer(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("network_km", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_enterprise_class_home_id_organisation")
        ),
        sa.PrimaryKeyConstraint("home_id", name=op.f("pk_enterprise_class")),
    )
    op.create_table(
        "indicator_snapshot",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_indicator_snapshot_home_id_organisation")
        ),
        sa.PrimaryKeyConstraint("home_id", "period", "indicator", name=op.f("pk_indicator_snapshot")),
    )
    op.create_table(
        "indicator_value",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("above", sa.Double(), nullable=False),
        sa.Column("below", sa.Double(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("is_bound", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_indicator_value_home_id_organisation")
        ),
        sa.PrimaryKeyConstraint("home_id", "period", "indicator", name=op.f("pk_indicator_value")),
    )
    op.create_index(
        "ix_indicator_value_period", "indicator_value", ["period", "indicator", "home_id"], unique=False
    )
    op.create_table(
        "score_appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_score_appeal_home_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_appeal")),
    )
    op.create_index("ix_score_appeal_home", "score_appeal", ["home_id", "period"], unique=False)
    op.create_table(
        "score_day",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_score_day_home_id_organisation")
        ),
        sa.PrimaryKeyConstraint("home_id", "day", name=op.f("pk_score_day")),
    )
    op.create_table(
        "scorecard",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("base", sa.Double(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("deductions", sa.JSON(), nullable=False),
        sa.Column("vetoes", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_scorecard_home_id_organisation")
        ),
        sa.PrimaryKeyConstraint("home_id", "period", name=op.f("pk_scorecard")),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("scorecard")
    op.drop_table("score_day")
    op.drop_index("ix_score_appeal_home", table_name="score_appeal")
    op.drop_table("score_appeal")
    op.drop_index("ix_indicator_value_period", table_name="indicator_value")
    op.drop_table("indicator_value")
    op.drop_table("indicator_snapshot")
    op.drop_table("enterprise_class")
    op.drop_table("region_value")
    op.drop_index("ix_hazard_fact_reported", table_name="hazard_fact")
    op.drop_index("ix_hazard_fact_reopens", table_name="hazard_fact")
    op.drop_index("ix_hazard_fact_recurs", table_name="hazard_fact")
    op.drop_index("ix_hazard_fact_rechecked", table_name="hazard_fact")
    op.drop_index(
        "ix_hazard_fact_open",
        table_name="hazard_fact",
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_hazard_fact_due", table_name="hazard_fact")
    op.drop_index("ix_hazard_fact_closed", table_name="hazard_fact")
    op.drop_index("ix_hazard_fact_assigned", table_name="hazard_fact")
    op.drop_table("hazard_fact")
