"""Audits of closure files, their events, sampling plans and exports."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "audit_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("manifest_sha256", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_export")),
        sa.UniqueConstraint("actor", "request_key", name="uq_audit_export_request"),
        sa.UniqueConstraint("number", name=op.f("uq_audit_export_number")),
    )
    with op.batch_alter_table("audit_export", schema=None) as batch_op:
        batch_op.create_index("ix_audit_export_asked", ["asked_at", "id"], unique=False)

    op.create_table(
        "audit_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("period_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_plan")),
        sa.UniqueConstraint("actor", "request_key", name="uq_audit_plan_request"),
        sa.UniqueConstraint("number", name=op.f("uq_audit_plan_number")),
        sa.UniqueConstraint("division", "reach", "period_from", "period_to", name="uq_audit_plan_period"),
    )
    with op.batch_alter_table("audit_plan", schema=None) as batch_op:
        batch_op.create_index("ix_audit_plan_drawn", ["drawn_at", "id"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("state_seq", sa.Integer(), nullable=False),
        sa.Column("hazard_seq", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=True),
        sa.Column("reopened_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'released', 'passed', 'returned')", name=op.f("ck_audit_state")
        ),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_audit_hazard_id_hazard")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_home", ["home_id", "decided_at"], unique=False)
        batch_op.create_index("ix_audit_taken_at", ["taken_at", "id"], unique=False)
        batch_op.create_index("ix_audit_taken_by", ["taken_by", "state"], unique=False)
        batch_op.create_index(
            "uq_audit_file",
            ["hazard_id", "state_seq"],
            unique=True,
            postgresql_where=sa.text("state <> 'released'"),
            sqlite_where=sa.text("state <> 'released'"),
        )

    op.create_table(
        "audit_sample",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_audit_sample_hazard_id_hazard")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["audit_plan.id"], name=op.f("fk_audit_sample_plan_id_audit_plan")
        ),
        sa.PrimaryKeyConstraint("plan_id", "hazard_id", name=op.f("pk_audit_sample")),
    )
    with op.batch_alter_table("audit_sample", schema=None) as batch_op:
        batch_op.create_index("ix_audit_sample_hazard", ["hazard_id"], unique=False)

    op.create_table(
        "audit_event",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_event_audit_id_audit")),
        sa.PrimaryKeyConstraint("audit_id", "seq", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("actor", "request_key", name="uq_audit_event_request"),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_event_hash")),
    )


def downgrade() -> None:
    """Back. Audits are forgotten; what they sent back stays in the hazards' own records."""
    op.drop_table("audit_event")
    with op.batch_alter_table("audit_sample", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_sample_hazard")

    op.drop_table("audit_sample")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_audit_file",
            postgresql_where=sa.text("state <> 'released'"),
            sqlite_where=sa.text("state <> 'released'"),
        )
        batch_op.drop_index("ix_audit_taken_by")
        batch_op.drop_index("ix_audit_taken_at")
        batch_op.drop_index("ix_audit_home")

    op.drop_table("audit")
    with op.batch_alter_table("audit_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_plan_drawn")

    op.drop_table("audit_plan")
    with op.batch_alter_table("audit_export", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_export_asked")

    op.drop_table("audit_export")
