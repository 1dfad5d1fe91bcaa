"""Documents of a hazard: numbers, orders, and files that belong to an event."""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OLD = ["home_id", "subject_id", "kind", "version"]
_NEW = ["home_id", "subject_id", "kind", "event_seq", "locale", "version"]


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "document_sequence",
        sa.Column("beginning", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("beginning", name=op.f("pk_document_sequence")),
    )
    op.create_table(
        "document_order",
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hazard_id"], ["hazard.id"], name=op.f("fk_document_order_hazard_id_hazard")
        ),
        sa.PrimaryKeyConstraint("hazard_id", "event_seq", "locale", name=op.f("pk_document_order")),
    )
    with op.batch_alter_table("document_order", schema=None) as batch_op:
        batch_op.create_index("ix_document_order_at", ["ordered_at", "hazard_id"], unique=False)
    op.add_column("organisation", sa.Column("document_word", sa.Text(), nullable=True))

    _unlock()
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event_seq", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("locale", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("document_number", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("issuer_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("personal", sa.Boolean(), nullable=True))
    # what stands there are closure files: their record ends with the hazard's last event
    op.execute(
        "UPDATE document SET locale = 'zh', personal = false,"
        " event_seq = (SELECT h.seq FROM hazard h WHERE h.id = document.subject_id)"
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.alter_column("event_seq", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("locale", existing_type=sa.Text(), nullable=False)
        batch_op.alter_column("personal", existing_type=sa.Boolean(), nullable=False)
        batch_op.drop_constraint(op.f("uq_document_home_id_subject_id_kind_version"), type_="unique")
        batch_op.create_unique_constraint("uq_document_version", _NEW)
    _recall()


def downgrade() -> None:
    """Back. Files of documents are forgotten, their numbers stay in the events."""
    _unlock()
    op.execute("DELETE FROM document WHERE kind <> 'closure'")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_constraint("uq_document_version", type_="unique")
        batch_op.create_unique_constraint(op.f("uq_document_home_id_subject_id_kind_version"), _OLD)
        for column in ("event_seq", "locale", "document_number", "issuer_id", "personal"):
            batch_op.drop_column(column)
    # not in batch mode: on SQLite that makes the table anew, and half the others refer to it
    op.drop_column("organisation", "document_word")
    with op.batch_alter_table("document_order", schema=None) as batch_op:
        batch_op.drop_index("ix_document_order_at")
    op.drop_table("document_order")
    op.drop_table("document_sequence")


def _recall() -> None:
    """What events issued before a way back: no number is given twice, and every document is made again."""
    connection = op.get_bind()
    holds = (
        "position(:mark in body) > 0" if connection.dialect.name == "postgresql" else "instr(body, :mark) > 0"
    )
    rows = connection.execute(
        sa.text(f"SELECT hazard_id, seq, home_id, at, body FROM hazard_event WHERE {holds}"),  # noqa: S608 - our own words
        {"mark": b'"issues":{'},
    )
    last: dict[str, int] = {}
    orders = []
    for hazard_id, seq, home_id, at, body in rows:
        issued = json.loads(bytes(body))["data"].get("issues")
        found = re.fullmatch(r"(.+〕)(\d+)号", issued["number"]) if issued else None
        if found is None:
            continue
        last[found[1]] = max(last.get(found[1], 0), int(found[2]))
        orders.append({"hazard": hazard_id, "seq": seq, "home": home_id, "kind": issued["kind"], "at": at})
    for beginning, count in last.items():
        connection.execute(
            sa.text("INSERT INTO document_sequence (beginning, last) VALUES (:beginning, :count)"),
            {"beginning": beginning, "count": count},
        )
    for order in orders:
        connection.execute(
            sa.text(
                "INSERT INTO document_order (hazard_id, event_seq, locale, home_id, kind, ordered_at)"
                " VALUES (:hazard, :seq, 'zh', :home, :kind, :at), (:hazard, :seq, 'en', :home, :kind, :at)"
            ),
            order,
        )


def _unlock() -> None:
    """Append-only rows must be filled in once; the lock is put back after every migration."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER IF EXISTS document_append_only ON document")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS document_append_only_{verb}")
