"""Daily work comes, goes with its limits' subjects, and comes again; what was there before stays."""

import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.daily_work.models import WorkItem, WorkPlan, WorkRecord
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.storage import migrate
from tests.harness.city import City
from tests.harness.daily_work import complaint, drill, make_items


def test_everything_else_stays_and_the_worker_makes_the_plans_anew(city: City):
    make_items(city)
    drill(city)
    owed = complaint(city)
    before = {one.code for one in city.all(sa.select(Asset))}
    limits = len(city.all(sa.select(TimeLimit)))
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0020")
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert migrate.differences(city.owner_url) == []
    assert {one.code for one in city.all(sa.select(Asset))} == before
    assert city.all(sa.select(WorkRecord)) == []
    assert city.all(sa.select(WorkPlan)) == city.all(sa.select(WorkItem)) == []
    # what was owed stays owed: nobody is let off by a downgrade
    assert len(city.all(sa.select(TimeLimit))) == limits
    assert owed.id in {one.subject_id for one in city.all(sa.select(TimeLimit))}
    assert make_items(city) == 2
