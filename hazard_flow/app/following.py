"""What an accident teaches becomes a supervision task where an officer decides it; neither feature knows the other."""

import uuid
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.accidents.lessons import Followed
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import text
from hazard_flow.identity.rights import may
from hazard_flow.supervision.issuing import ORDER
from hazard_flow.supervision.tasks.cycles import last_day
from hazard_flow.supervision.tasks.operations import assign
from hazard_flow.supervision.tasks.orders import TEXT_MAX, TITLE_MAX, Order


def follow_up(session: Session, followed: Followed) -> dict[uuid.UUID, str]:
    """One task for each enterprise that has any of the places, due at the end of the day; each place's page.

    An enterprise that decides for itself sets no task: its places stay marked as accepted, and it looks at them by its own plans.
    """
    if not may(followed.actor, ORDER):
        return {}
    zone: ZoneInfo = rules_of(session).zone
    accident = followed.accident
    pages: dict[uuid.UUID, str] = {}
    for home in dict.fromkeys(one.home_id for one in followed.assets):
        places = [one for one in followed.assets if one.home_id == home]
        words = {"number": accident.number, "title": accident.title, "lesson": accident.lesson}
        order = Order(
            organisation=str(home),
            title=text("accidents.lesson.task_title", "zh", title=accident.title)[:TITLE_MAX],
            reach="\n".join(f"{one.code} {one.name_zh}" for one in places)[:TEXT_MAX],
            content=text("accidents.lesson.task_content", "zh", **words)[:TEXT_MAX],
            due_on=last_day(followed.due_at, zone).isoformat(),
            origin_kind="accident",
            origin_href=f"/accidents/{accident.id}",
        )
        key = f"{followed.request_key}:{home.hex}"
        task = assign(session, actor=followed.actor, order=order, request_key=key, now=followed.now)
        pages |= {one.id: f"/supervision/tasks/{task.id}" for one in places}
    return pages
