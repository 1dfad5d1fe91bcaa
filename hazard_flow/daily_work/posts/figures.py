"""The line of responsibility: of everybody who works for an enterprise, who has a post and signed its duties."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from hazard_flow.daily_work.posts import queries
from hazard_flow.inspections.work_lines import LineFigures


def figures(
    session: Session, organisation_ids: Sequence[uuid.UUID], until: date, *, now: datetime
) -> Mapping[uuid.UUID, LineFigures]:
    """Due: everybody's signature, of those without a post too; done: signatures that are valid on `until`."""
    held = queries.held(session, now=now)
    without = queries.without_post(session)
    found = {}
    for home in organisation_ids:
        rows = [one for one in held if one.post.home_id == home and one.holder.since_on <= until]
        none = sum(1 for one in without if one.unit.root_id == home)
        done = sum(1 for one in rows if one.standing == "valid")
        due = len(rows) + none
        found[home] = LineFigures(
            "responsibility",
            "people",
            due,
            done,
            done,
            missed=due - done,
            href=f"/posts/check?organisation={home}",
        )
    return found
