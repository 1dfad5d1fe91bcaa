"""Assets have a shape, details of their kind, a label and a history of corrections; gas supply and emergency resources."""

import base64
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_asset_kind": ["kind", "created_at", "id"],
    "ix_asset_created_at": ["created_at", "id"],
    "ix_asset_box": ["west", "east", "south", "north"],
}


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("asset", schema=None) as batch_op:
        for column in _added():
            batch_op.add_column(column)
    _fill()
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.alter_column("details", existing_type=sa.JSON(), nullable=False)
        batch_op.alter_column("label_key", existing_type=sa.Text(), nullable=False)
        for name, columns in _INDEXES.items():
            batch_op.create_index(name, columns, unique=False)
        batch_op.create_index("uq_asset_label_key", ["label_key"], unique=True)

    op.create_table(
        "asset_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_change_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisation.id"], name=op.f("fk_asset_change_home_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_asset_change_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_asset_change_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_change")),
    )
    with op.batch_alter_table("asset_change", schema=None) as batch_op:
        batch_op.create_index("ix_asset_change_asset_id", ["asset_id", "at"], unique=False)
        batch_op.create_index("ix_asset_change_path", ["path"], unique=False)

    _supply()


def _supply() -> None:
    for table, columns, indexes in (
        (
            "gas_facility",
            [
                sa.Column("kind", sa.Text(), nullable=False),
                sa.Column("name", sa.Text(), nullable=False),
                sa.Column("capacity_m3", sa.Double(), nullable=False),
                sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
            ],
            {},
        ),
        (
            "gas_day",
            [
                sa.Column("day", sa.Date(), nullable=False),
                sa.Column("supplied_m3", sa.Double(), nullable=False),
                sa.Column("sent_out_m3", sa.Double(), nullable=False),
                sa.Column("stored_m3", sa.Double(), nullable=False),
            ],
            {"ix_gas_day_day": ["home_id", "day", "entered_at"]},
        ),
        (
            "emergency_resource",
            [
                sa.Column("kind", sa.Text(), nullable=False),
                sa.Column("name", sa.Text(), nullable=False),
                sa.Column("base", sa.Text(), nullable=False),
                sa.Column("phone", sa.Text(), nullable=False),
                sa.Column("people", sa.Integer(), nullable=True),
                sa.Column("equipment", sa.Text(), nullable=False),
                sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
            ],
            {},
        ),
    ):
        op.create_table(
            table,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("home_id", sa.Uuid(), nullable=False),
            sa.Column("path", sa.Text(), nullable=False),
            sa.Column("division", sa.Text(), nullable=False),
            *columns,
            sa.Column("entered_by", sa.Uuid(), nullable=True),
            sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
            sa.ForeignKeyConstraint(
                ["home_id"], ["organisation.id"], name=op.f(f"fk_{table}_home_id_organisation")
            ),
            sa.ForeignKeyConstraint(
                ["entered_by"], ["person.id"], name=op.f(f"fk_{table}_entered_by_person")
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(f"ix_{table}_path", ["path"], unique=False)
            for name, names in indexes.items():
                batch_op.create_index(name, names, unique=False)


def downgrade() -> None:
    """Back: shapes, details, labels, the history of corrections and what was told of supply go; the assets stay."""
    for table in ("emergency_resource", "gas_day", "gas_facility"):
        op.drop_table(table)
    op.drop_table("asset_change")
    with op.batch_alter_table("asset", schema=None) as batch_op:
        for name in ("uq_asset_label_key", *_INDEXES):
            batch_op.drop_index(name)
        for column in reversed(_added()):
            batch_op.drop_column(column.name)


def _added() -> list[sa.Column]:
    return [
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("geometry", sa.Text(), nullable=True),
        sa.Column("west", sa.Double(), nullable=True),
        sa.Column("south", sa.Double(), nullable=True),
        sa.Column("east", sa.Double(), nullable=True),
        sa.Column("north", sa.Double(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.Column("personal_digest", sa.Text(), nullable=True),
        sa.Column("label_key", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _fill() -> None:
    """The boxes of the points there are, and a label for each asset.

    Until now every way in said WGS-84. A point in another frame, had somebody forced one in, gets its box with its next correction.
    """
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE asset SET west = lon, east = lon, south = lat, north = lat WHERE crs IN ('WGS84', 'WGS-84', 'CGCS2000')"
        )
    )
    asset = sa.table(
        "asset",
        sa.column("id", sa.Uuid()),
        sa.column("label_key", sa.Text()),
        sa.column("details", sa.JSON()),
    )
    connection.execute(sa.update(asset).values(details={}))
    ids = list(connection.scalars(sa.select(asset.c.id)))
    if ids:
        connection.execute(
            sa.update(asset).where(asset.c.id == sa.bindparam("of")).values(label_key=sa.bindparam("key")),
            [{"of": id_, "key": base64.b32encode(secrets.token_bytes(10)).decode().lower()} for id_ in ids],
        )
