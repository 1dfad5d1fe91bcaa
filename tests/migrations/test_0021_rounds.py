"""Rounds come and go; what a tablet handed in before stays what it was, there and back."""

import sqlalchemy as sa

from hazard_flow.inspections.models import Round, RoundPlan
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.offline.submissions.models import Submission
from hazard_flow.storage import migrate
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.rounds import hand_in, of_today, plan, work


def submission(city: City) -> Submission:
    return Submission(
        id=city.person("李巡检"), home_id=city.founded.units["恒川燃气"], owner_id=city.person("李巡检"), tablet_id=None, app_version="",
        path=city.founded.paths["运行一班"], division="990102", parties=",", kind="report", manifest=b"{}", sha256="0" * 64,
        captured_at=city.now, received_at=city.now, state="arriving", outcome="waiting", problems=[],
    )  # fmt: skip


def test_rounds_go_with_their_tables_and_what_was_handed_in_before_stays(city: City):
    with city.database.transaction(SYSTEM) as session:
        session.add(submission(city))
    plan(city)
    work(city)
    hand_in(city, of_today(city))
    assert city.all(sa.select(Round))
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0020")
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert migrate.differences(city.owner_url) == []
    assert city.all(sa.select(RoundPlan)) == []
    [kept] = city.all(sa.select(Submission))
    assert (kept.kind, kept.sha256, kept.round_id) == ("report", "0" * 64, None)
    # what was owed is told of for as long as nobody drops it
    assert city.all(sa.select(TimeLimit))
