"""What tablets hand in, its files in parts, and evidence that was declared before its bytes came."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    # Column by column, not by rebuilding the table: others refer to its rows.
    op.add_column(
        "evidence", sa.Column("is_declared", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("evidence", sa.Column("tablet_id", sa.Uuid(), nullable=True))
    op.add_column("evidence", sa.Column("marks", sa.JSON(), nullable=True))
    op.create_table(
        "evidence_arrival",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("display_sha256", sa.Text(), nullable=True),
        sa.Column("phash", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("exif_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.CheckConstraint("role IN ('display', 'original', 'lost')", name=op.f("ck_evidence_arrival_role")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_arrival_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["hazard_id"], ["hazard.id"], name=op.f("fk_evidence_arrival_hazard_id_hazard")
        ),
        sa.PrimaryKeyConstraint("evidence_id", "role", name=op.f("pk_evidence_arrival")),
    )
    _submissions()


def _submissions() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("tablet_id", sa.Uuid(), nullable=True),
        sa.Column("app_version", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_skew_s", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=True),
        sa.Column("event_seq", sa.Integer(), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("settled", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('report', 'act')", name=op.f("ck_submission_kind")),
        sa.CheckConstraint("state IN ('arriving', 'usable', 'complete')", name=op.f("ck_submission_state")),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'entered', 'contested')", name=op.f("ck_submission_outcome")
        ),
        sa.CheckConstraint(
            "settled IS NULL OR settled IN ('entered_again', 'set_aside')", name=op.f("ck_submission_settled")
        ),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_submission_hazard_id_hazard")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_submission_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_index("ix_submission_owner", "submission", ["owner_id", "received_at"], unique=False)
    op.create_index("ix_submission_hazard", "submission", ["hazard_id"], unique=False)
    op.create_index(
        "ix_submission_contested",
        "submission",
        ["received_at", "id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'contested' AND settled IS NULL"),
        sqlite_where=sa.text("outcome = 'contested' AND settled IS NULL"),
    )
    op.create_table(
        "submission_attachment",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("bytes_have", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.CheckConstraint("role IN ('display', 'original')", name=op.f("ck_submission_attachment_role")),
        sa.CheckConstraint("bytes_have BETWEEN 0 AND size", name=op.f("ck_submission_attachment_bytes_have")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_attachment_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("submission_id", "sha256", name=op.f("pk_submission_attachment")),
    )
    op.create_table(
        "submission_rejected",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("tablet_id", sa.Uuid(), nullable=True),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_rejected_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_rejected")),
        sa.UniqueConstraint(
            "submission_id", "sha256", name=op.f("uq_submission_rejected_submission_id_sha256")
        ),
    )


def downgrade() -> None:
    """Back: what had not yet become a hazard goes; that a file was only declared and has not come is forgotten."""
    for table in ("submission_rejected", "submission_attachment", "submission", "evidence_arrival"):
        op.drop_table(table)
    op.drop_column("evidence", "marks")
    op.drop_column("evidence", "tablet_id")
    op.drop_column("evidence", "is_declared")
