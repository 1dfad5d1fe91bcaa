"""Checks of households and other users; works of others near pipes."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "construction_site",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("builder", sa.Text(), nullable=False),
        sa.Column("constructor", sa.Text(), nullable=False),
        sa.Column("contact_digest", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("works", sa.JSON(), nullable=False),
        sa.Column("pipe_id", sa.Uuid(), nullable=True),
        sa.Column("pipe_tier", sa.Text(), nullable=False),
        sa.Column("pipe_distance_m", sa.Double(), nullable=True),
        sa.Column("zone_m", sa.Double(), nullable=True),
        sa.Column("guard_id", sa.Uuid(), nullable=True),
        sa.Column("guard_rule", sa.Text(), nullable=False),
        sa.Column("guard_from", sa.Date(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("briefed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('found', 'registered', 'agreed', 'briefed', 'accepted')",
            name=op.f("ck_construction_site_state"),
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_construction_site_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["guard_id"], ["person.id"], name=op.f("fk_construction_site_guard_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_construction_site_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_construction_site_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["pipe_id"], ["asset.id"], name=op.f("fk_construction_site_pipe_id_asset")),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_construction_site")),
    )
    with op.batch_alter_table("construction_site", schema=None) as batch_op:
        batch_op.create_index("ix_construction_site_home", ["home_id", "state"], unique=False)
        batch_op.create_index("ix_construction_site_path", ["path", "ends_on", "asset_id"], unique=False)

    op.create_table(
        "household_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["person.id"], name=op.f("fk_household_batch_assignee_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_household_batch_created_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_household_batch_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_household_batch_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_batch")),
        sa.UniqueConstraint("home_id", "request_key", name=op.f("uq_household_batch_home_id_request_key")),
    )
    with op.batch_alter_table("household_batch", schema=None) as batch_op:
        batch_op.create_index("ix_household_batch_assignee", ["assignee_id"], unique=False)
        batch_op.create_index("ix_household_batch_path", ["path", "due_on", "id"], unique=False)

    op.create_table(
        "household_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "step IN ('announced', 'agreed', 'requested', 'community_help', 'measure')",
            name=op.f("ck_household_step_step"),
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_household_step_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_household_step_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_household_step_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_household_step_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_step")),
        sa.UniqueConstraint("home_id", "request_key", name=op.f("uq_household_step_home_id_request_key")),
    )
    with op.batch_alter_table("household_step", schema=None) as batch_op:
        batch_op.create_index("ix_household_step_asset", ["asset_id", "at"], unique=False)

    op.create_table(
        "construction_guard_day",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("guard_id", sa.Uuid(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("invalid_because", sa.Text(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("hazards", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guard_id"], ["person.id"], name=op.f("fk_construction_guard_day_guard_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_construction_guard_day_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["construction_site.asset_id"],
            name=op.f("fk_construction_guard_day_site_id_construction_site"),
        ),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_construction_guard_day")),
        sa.UniqueConstraint(
            "home_id", "request_key", name=op.f("uq_construction_guard_day_home_id_request_key")
        ),
    )
    with op.batch_alter_table("construction_guard_day", schema=None) as batch_op:
        batch_op.create_index("ix_construction_guard_day_home", ["home_id", "day"], unique=False)

    op.create_table(
        "construction_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "step IN ('found', 'registered', 'corrected', 'agreement', 'briefing', 'stop_work', 'damage', 'incident', 'acceptance')",
            name=op.f("ck_construction_step_step"),
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_construction_step_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_construction_step_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["construction_site.asset_id"],
            name=op.f("fk_construction_step_site_id_construction_site"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_construction_step")),
        sa.UniqueConstraint("home_id", "request_key", name=op.f("uq_construction_step_home_id_request_key")),
    )
    with op.batch_alter_table("construction_step", schema=None) as batch_op:
        batch_op.create_index("ix_construction_step_site", ["site_id", "at"], unique=False)

    op.create_table(
        "household",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("user_class", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("last_result", sa.Text(), nullable=True),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_vain", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("refusal_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "last_result IS NULL OR last_result IN ('done', 'absent', 'refused', 'address_wrong', 'vacant', 'demolished')",
            name=op.f("ck_household_last_result"),
        ),
        sa.CheckConstraint(
            "user_class IN ('resident', 'bottled', 'business')", name=op.f("ck_household_user_class")
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_household_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["household_batch.id"], name=op.f("fk_household_batch_id_household_batch")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_household_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_household_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["refusal_id"], ["hazard.id"], name=op.f("fk_household_refusal_id_hazard")),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_household")),
    )
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.create_index("ix_household_batch", ["batch_id"], unique=False)
        batch_op.create_index("ix_household_building", ["home_id", "building", "due_on"], unique=False)
        batch_op.create_index("ix_household_due", ["home_id", "due_on", "asset_id"], unique=False)
        batch_op.create_index("ix_household_path", ["path", "due_on", "asset_id"], unique=False)

    op.create_table(
        "household_batch_item",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_as", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name=op.f("fk_household_batch_item_asset_id_asset")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["household_batch.id"],
            name=op.f("fk_household_batch_item_batch_id_household_batch"),
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_household_batch_item_home_id_organisation")
        ),
        sa.PrimaryKeyConstraint("batch_id", "asset_id", name=op.f("pk_household_batch_item")),
    )
    with op.batch_alter_table("household_batch_item", schema=None) as batch_op:
        batch_op.create_index("ix_household_batch_item_asset", ["asset_id"], unique=False)
        batch_op.create_index("ix_household_batch_item_open", ["batch_id", "settled_at"], unique=False)

    op.create_table(
        "household_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("user_class", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cycle_due_on", sa.Date(), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("failed", sa.JSON(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("refused_to_sign", sa.Boolean(), nullable=False),
        sa.Column("witnesses_digest", sa.Text(), nullable=True),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("hazards", sa.JSON(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "result IN ('done', 'absent', 'refused', 'address_wrong', 'vacant', 'demolished')",
            name=op.f("ck_household_visit_result"),
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_household_visit_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["household_batch.id"], name=op.f("fk_household_visit_batch_id_household_batch")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_household_visit_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["person.id"], name=op.f("fk_household_visit_inspector_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_household_visit_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_visit")),
        sa.UniqueConstraint("home_id", "request_key", name=op.f("uq_household_visit_home_id_request_key")),
    )
    with op.batch_alter_table("household_visit", schema=None) as batch_op:
        batch_op.create_index("ix_household_visit_asset", ["asset_id", "visited_at"], unique=False)
        batch_op.create_index("ix_household_visit_cycle", ["home_id", "cycle_due_on"], unique=False)
        batch_op.create_index("ix_household_visit_inspector", ["inspector_id", "visited_at"], unique=False)

    op.create_table(
        "household_photo",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("display_sha256", sa.Text(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("phash", sa.Text(), nullable=True),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exif_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_household_photo_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["household_visit.id"], name=op.f("fk_household_photo_visit_id_household_visit")
        ),
        sa.PrimaryKeyConstraint("visit_id", "place", name=op.f("pk_household_photo")),
    )
    with op.batch_alter_table("household_photo", schema=None) as batch_op:
        batch_op.create_index("ix_household_photo_sha256", ["sha256"], unique=False)


def downgrade() -> None:
    """Back: what was visited and guarded is forgotten; hazards it opened stay."""
    for table in (
        "household_photo", "household_visit", "household_batch_item", "household", "household_step", "household_batch",
        "construction_guard_day", "construction_step", "construction_site",
    ):  # fmt: skip
        op.drop_table(table)
