"""Risk points with their chain, ratings and colours; reviews, proposals and looks at similar places; the follower of the event feed."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "feed_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_leaf", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feed_cursor")),
    )
    op.create_table(
        "followed_hazard",
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("is_overdue", sa.Boolean(), nullable=False),
        sa.Column("risk_point", sa.Text(), nullable=False),
        sa.Column("failed_measure", sa.Text(), nullable=False),
        sa.Column("cause_kind", sa.Text(), nullable=False),
        sa.Column("is_confirmed_major", sa.Boolean(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hazard_id", name=op.f("pk_followed_hazard")),
    )
    with op.batch_alter_table("followed_hazard", schema=None) as batch_op:
        batch_op.create_index("ix_followed_hazard_asset", ["asset_id"], unique=False)
        batch_op.create_index(
            "ix_followed_hazard_measure", ["home_id", "failed_measure", "reported_at"], unique=False
        )
        batch_op.create_index("ix_followed_hazard_reported", ["reported_at"], unique=False)

    op.create_table(
        "risk_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("responsible_company", sa.Text(), nullable=False),
        sa.Column("responsible_department", sa.Text(), nullable=False),
        sa.Column("responsible_team", sa.Text(), nullable=False),
        sa.Column("responsible_post", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("emergency", sa.Text(), nullable=False),
        sa.Column("exposed_people", sa.Integer(), nullable=True),
        sa.Column("has_board", sa.Boolean(), nullable=False),
        sa.Column("inherent", sa.Text(), nullable=False),
        sa.Column("residual", sa.Text(), nullable=False),
        sa.Column("dynamic", sa.Text(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_review_on", sa.Date(), nullable=False),
        sa.Column("colours", sa.Integer(), nullable=False),
        sa.Column("is_followed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "dynamic IN ('red', 'orange', 'yellow', 'blue')", name=op.f("ck_risk_point_dynamic")
        ),
        sa.CheckConstraint(
            "inherent IN ('red', 'orange', 'yellow', 'blue')", name=op.f("ck_risk_point_inherent")
        ),
        sa.CheckConstraint("kind IN ('facility', 'activity')", name=op.f("ck_risk_point_kind")),
        sa.CheckConstraint(
            "residual IN ('red', 'orange', 'yellow', 'blue')", name=op.f("ck_risk_point_residual")
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_risk_point_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_risk_point_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_risk_point_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_point")),
        sa.UniqueConstraint("home_id", "code", name=op.f("uq_risk_point_home_id_code")),
    )
    with op.batch_alter_table("risk_point", schema=None) as batch_op:
        batch_op.create_index("ix_risk_point_asset", ["asset_id"], unique=False)
        batch_op.create_index("ix_risk_point_created", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_risk_point_division", ["division"], unique=False)
        batch_op.create_index("ix_risk_point_path", ["path"], unique=False)
        batch_op.create_index("ix_risk_point_review", ["next_review_on"], unique=False)

    op.create_table(
        "risk_colour",
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "colour IN ('red', 'orange', 'yellow', 'blue')", name=op.f("ck_risk_colour_colour")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_colour_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("point_id", "seq", name=op.f("pk_risk_colour")),
    )
    with op.batch_alter_table("risk_colour", schema=None) as batch_op:
        batch_op.create_index("ix_risk_colour_at", ["at", "point_id"], unique=False)

    op.create_table(
        "risk_factor",
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("is_overdue", sa.Boolean(), nullable=False),
        sa.Column("alarm_level", sa.Integer(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_factor_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("point_id", "kind", "subject_id", name=op.f("pk_risk_factor")),
    )
    with op.batch_alter_table("risk_factor", schema=None) as batch_op:
        batch_op.create_index("ix_risk_factor_subject", ["kind", "subject_id"], unique=False)

    op.create_table(
        "risk_point_version",
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_point_version_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("point_id", "version", name=op.f("pk_risk_point_version")),
    )
    op.create_table(
        "risk_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("hazard_number", sa.Text(), nullable=False),
        sa.Column("hazard_title", sa.Text(), nullable=False),
        sa.Column("root_cause", sa.Text(), nullable=False),
        sa.Column("prevention", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("measure_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'accepted', 'refused')", name=op.f("ck_risk_proposal_state")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_proposal_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_proposal")),
        sa.UniqueConstraint("point_id", "hazard_id", name=op.f("uq_risk_proposal_point_id_hazard_id")),
    )
    op.create_table(
        "risk_rating",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("grading_version", sa.Integer(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "colour IN ('red', 'orange', 'yellow', 'blue')", name=op.f("ck_risk_rating_colour")
        ),
        sa.CheckConstraint("side IN ('inherent', 'residual')", name=op.f("ck_risk_rating_side")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_rating_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_rating")),
    )
    with op.batch_alter_table("risk_rating", schema=None) as batch_op:
        batch_op.create_index("ix_risk_rating_point", ["point_id", "rated_at"], unique=False)

    op.create_table(
        "risk_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "trigger IN ('major', 'repeated', 'recurrence', 'accident', 'change', 'periodic')",
            name=op.f("ck_risk_review_trigger"),
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_review_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_review")),
        sa.UniqueConstraint(
            "point_id", "trigger", "cause", name=op.f("uq_risk_review_point_id_trigger_cause")
        ),
    )
    with op.batch_alter_table("risk_review", schema=None) as batch_op:
        batch_op.create_index("ix_risk_review_open", ["done_at", "due_on"], unique=False)

    op.create_table(
        "risk_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_unit_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_unit")),
    )
    with op.batch_alter_table("risk_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_risk_unit_point_id"), ["point_id"], unique=False)

    op.create_table(
        "risk_event",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("accidents", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_event_point_id_risk_point")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["risk_unit.id"], name=op.f("fk_risk_event_unit_id_risk_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_event")),
    )
    with op.batch_alter_table("risk_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_risk_event_point_id"), ["point_id"], unique=False)

    op.create_table(
        "risk_similar_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("is_good", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name=op.f("fk_risk_similar_check_asset_id_asset")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_similar_check_point_id_risk_point")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["risk_proposal.id"],
            name=op.f("fk_risk_similar_check_proposal_id_risk_proposal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_similar_check")),
        sa.UniqueConstraint(
            "proposal_id", "asset_id", name=op.f("uq_risk_similar_check_proposal_id_asset_id")
        ),
    )
    op.create_table(
        "control_measure",
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_effective", sa.Boolean(), nullable=False),
        sa.Column("test_cycle", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["risk_event.id"], name=op.f("fk_control_measure_event_id_risk_event")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_control_measure_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_measure")),
        sa.UniqueConstraint("home_id", "code", name=op.f("uq_control_measure_home_id_code")),
    )
    with op.batch_alter_table("control_measure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_control_measure_point_id"), ["point_id"], unique=False)

    op.create_table(
        "risk_check_item",
        sa.Column("measure_id", sa.Uuid(), nullable=False),
        sa.Column("control_level", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("check_rule", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["control_measure.id"], name=op.f("fk_risk_check_item_measure_id_control_measure")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["risk_point.id"], name=op.f("fk_risk_check_item_point_id_risk_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_check_item")),
    )
    with op.batch_alter_table("risk_check_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_risk_check_item_point_id"), ["point_id"], unique=False)


def downgrade() -> None:
    """Back: the register of risks goes; hazards keep what they say of it."""
    for table in (
        "risk_check_item",
        "control_measure",
        "risk_similar_check",
        "risk_event",
        "risk_unit",
        "risk_review",
        "risk_rating",
        "risk_proposal",
        "risk_point_version",
        "risk_factor",
        "risk_colour",
        "risk_point",
        "followed_hazard",
        "feed_cursor",
    ):
        op.drop_table(table)
