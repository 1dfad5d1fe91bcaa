"""The map's ground and the indexes maps are drawn by; reports of the public."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")
_POINTS = sa.text("geometry IS NULL AND ended_at IS NULL")

_REPORT_INDEXES = (
    ("ix_public_report_path", ["path", "received_at"]),
    ("ix_public_report_division", ["division", "received_at"]),
    ("ix_public_report_hazard_id", ["hazard_id"]),
    ("ix_public_report_asset_id", ["asset_id"]),
)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "map_ground",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("is_regulator", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("features", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_map_ground_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_map_ground_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["person.id"], name=op.f("fk_map_ground_uploaded_by_id_person")
        ),
        sa.PrimaryKeyConstraint("home_id", name=op.f("pk_map_ground")),
    )
    op.create_table(
        "public_visit",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "hour", name=op.f("pk_public_visit")),
    )
    op.create_table(
        "public_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("tracking", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("phone_digest", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'accepted', 'joined', 'refused')", name=op.f("ck_public_report_state")
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_public_report_asset_id_asset")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_public_report_hazard_id_hazard")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_public_report_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_public_report_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["person.id"], name=op.f("fk_public_report_reviewed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_report")),
        sa.UniqueConstraint("tracking", name=op.f("uq_public_report_tracking")),
    )
    for name, columns in _REPORT_INDEXES:
        op.create_index(name, "public_report", columns)
    op.create_index(
        "ix_asset_map",
        "asset",
        ["west", "south", "kind", "path", "division", "geometry", "ended_at"],
        postgresql_where=_POINTS,
        sqlite_where=_POINTS,
    )
    op.create_index(
        "ix_hazard_open_place", "hazard", ["lon", "lat"], postgresql_where=_OPEN, sqlite_where=_OPEN
    )


def downgrade() -> None:
    """Back: what was handed in for maps goes, and what the public reported; hazards opened from it stay."""
    op.drop_index("ix_hazard_open_place", table_name="hazard")
    op.drop_index("ix_asset_map", table_name="asset")
    op.drop_table("public_report")
    op.drop_table("public_visit")
    op.drop_table("map_ground")
