"""Under which workflow, in which version, hazards run: a process may meet some that a newer version of the program opened."""

from collections.abc import Collection
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard

#: (workflow, version)
Pinned = tuple[str, int]


@cache
def runs_under(known: frozenset[Pinned]) -> sa.ColumnElement[bool]:
    """The condition of a hazard that runs under one of these."""
    return sa.or_(
        sa.false(),
        *(
            sa.and_(Hazard.workflow == key, Hazard.workflow_version.in_(sorted(_versions(known, key))))
            for key in sorted({key for key, _ in known})
        ),
    )


def strangers(session: Session, known: Collection[Pinned]) -> dict[Pinned, int]:
    """How many open hazards run under rules that are not among these, by workflow and version."""
    rows = session.execute(
        sa.select(Hazard.workflow, Hazard.workflow_version, sa.func.count())
        .where(Hazard.closed_at.is_(None), ~runs_under(frozenset(known)))
        .group_by(Hazard.workflow, Hazard.workflow_version)
    )
    return {(workflow, version): count for workflow, version, count in rows}


def _versions(known: frozenset[Pinned], key: str) -> set[int]:
    return {version for of, version in known if of == key}
