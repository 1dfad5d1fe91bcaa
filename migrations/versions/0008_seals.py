"""Which seal a closure file carries: level, algorithm, key."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = ("seal_level", "seal_alg", "seal_key_id")


def upgrade() -> None:
    """Forward."""
    for column in COLUMNS:
        op.add_column("document", sa.Column(column, sa.Text(), nullable=True))


def downgrade() -> None:
    """Back. The files keep their seals; only the rows forget which."""
    for column in COLUMNS:
        op.drop_column("document", column)
