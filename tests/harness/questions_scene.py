"""Saved questions in a city in which something has happened, for whoever looks at all pages."""

import uuid

from hazard_flow.assessment.questions import operations
from hazard_flow.assessment.questions.operations import Given
from tests.harness.city import City
from tests.harness.founding import ZONE


def questions_views(city: City) -> tuple[tuple[str, str, str], ...]:
    """Name of a view, address, who looks."""
    city.bring_to(city.report("阀井井盖破损，需要更换", by="郑巡检"), "closed")
    city.bring_to(city.report("调压箱锈蚀，门锁损坏"), "rectifying")
    actor = city.actor("何安全")
    given = Given(
        "各班组隐患办理情况", {"level": "general"}, ("team", "stage"), (), "this_year", is_shared=True
    )
    with city.database.transaction(actor.scope) as session:
        saved = operations.save(session, actor=actor, given=given, request_key=uuid.uuid4().hex, now=city.now)
        operations.have_sent(
            session, actor=actor, question_id=saved.id, often="weekly", rule="", person_id=None, now=city.now, zone=ZONE
        )  # fmt: skip
    return (
        ("questions", "/questions", "何安全"),
        ("questions-none", "/questions", "唐监管"),
        (
            "questions-new",
            "/questions/new?group=category&measure=count&measure=open&found_since=2020-01-01T00:00:00%2B08:00",
            "唐监管",
        ),
        ("questions-nothing", "/questions/new?group=team&stage=closed&liable=government", "何安全"),
        ("questions-one", f"/questions/{saved.id}", "何安全"),
    )
