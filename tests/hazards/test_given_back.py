"""Whoever gives a hazard back may be of another team: they see it while it is theirs, and still see that they gave it back."""

import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard
from tests.harness.city import City
from tests.harness.founding import on_postgres_only

SEEN = sa.select(Hazard.number)


@on_postgres_only
def test_one_of_another_team_gives_it_back_and_still_sees_it(city: City):
    hazard = city.report()
    assert city.all(SEEN, by="吴班长") == []
    city.assign(hazard, responsible=city._id("吴班长"))

    city.give_back(hazard, by="吴班长")

    assert city.look(hazard).state == "reported"
    assert city.all(SEEN, by="吴班长") == [hazard.number]
    city.assign(hazard)
    city.accept(hazard)
    assert city.all(SEEN, by="吴班长") == [hazard.number]
    assert city.all(SEEN, by="郑巡检") == []
