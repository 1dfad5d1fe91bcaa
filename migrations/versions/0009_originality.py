"""Originality of evidence: the device's clock, fingerprints of photographs, flags, and events still to be looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BANDS = tuple(f"{number}{band}" for number in "pd" for band in range(4))


def upgrade() -> None:
    """Forward."""
    # Column by column, not by rebuilding the table: others refer to its rows.
    op.add_column("evidence", sa.Column("clock_skew_s", sa.Integer(), nullable=True))
    op.create_table(
        "photo_print",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("display_sha256", sa.Text(), nullable=False),
        sa.Column("phash", sa.BigInteger(), nullable=False),
        sa.Column("dhash", sa.BigInteger(), nullable=False),
        *(sa.Column(band, sa.Integer(), nullable=False) for band in _BANDS),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_photo_print_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_photo_print_hazard_id_hazard")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_photo_print")),
    )
    for band in _BANDS:
        op.create_index(f"ix_photo_print_{band}", "photo_print", [band], unique=False)
    op.create_table(
        "originality_flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("doubt", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("other_hazard_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("measured", sa.JSON(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_originality_flag_score")),
        sa.ForeignKeyConstraint(
            ["hazard_id"], ["hazard.id"], name=op.f("fk_originality_flag_hazard_id_hazard")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_originality_flag")),
        sa.UniqueConstraint(
            "hazard_id",
            "doubt",
            "subject",
            "other",
            name=op.f("uq_originality_flag_hazard_id_doubt_subject_other"),
        ),
    )
    op.create_table(
        "originality_order",
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hazard_id"], ["hazard.id"], name=op.f("fk_originality_order_hazard_id_hazard")
        ),
        sa.PrimaryKeyConstraint("hazard_id", "event_seq", name=op.f("pk_originality_order")),
    )
    op.create_index("ix_originality_order_at", "originality_order", ["ordered_at", "hazard_id"], unique=False)
    # what was handed in before is examined as well, the oldest first
    op.execute(
        "INSERT INTO originality_order (hazard_id, event_seq, ordered_at)"
        " SELECT hazard_id, event_seq, max(received_at) FROM evidence GROUP BY hazard_id, event_seq"
    )


def downgrade() -> None:
    """Back. Flags are forgotten; going forward again finds them anew."""
    op.drop_table("originality_order")
    op.drop_table("originality_flag")
    op.drop_table("photo_print")
    op.drop_column("evidence", "clock_skew_s")
