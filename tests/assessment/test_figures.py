"""What the risk line says of an enterprise, how well hazards are joined to risks, and real alarms on their way to a colour."""

from datetime import timedelta

from hazard_flow.assessment.links import linked
from hazard_flow.assessment.risk_line import risk_line
from hazard_flow.risk import queries, reviews
from hazard_flow.storage.scope import SYSTEM
from tests.harness import risks
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.founding import ZONE


def call(city: City, code: str, cause: str) -> None:
    with city.database.transaction(SYSTEM) as session:
        point = queries.by_code(session, code)
        assert point is not None
        reviews.ask(session, point, cause, now=city.now, days=risks.DAYS)


def test_the_line_counts_ratings_due_done_in_time_late_and_missed(city: City):
    for code in ("FX-001", "FX-002", "FX-003"):
        risks.point(city, code)
        call(city, code, "设备更换")
    since = city.now.astimezone(ZONE).date()
    risks.rate(city, "FX-001", **risks.YELLOW)
    city.fast_forward(days=30)
    risks.rate(city, "FX-002", **risks.YELLOW)
    until = city.now.astimezone(ZONE).date()
    home = city.founded.units[HENGCHUAN]
    with city.database.reading(SYSTEM) as session:
        [line] = risk_line(ZONE)(session, [home], since, until)[home]
        [before] = risk_line(ZONE)(session, [home], since - timedelta(days=30), since - timedelta(days=1))[
            home
        ]
    assert (line.line, line.due, line.done, line.on_time, line.missed) == ("risk", 3, 2, 1, 1)
    assert before.due == 0


def test_hazards_that_could_name_their_point_and_do_not_are_counted(city: City):
    risks.point(city)
    code = risks.measure(city)
    city.report(asset="VW-1")
    city.report(asset="VW-1", risk_point="FX-001")
    city.report(asset="VW-1", failed_measure=code)
    city.report(asset="VW-9", by="郑巡检")
    risks.follow(city)
    with city.database.reading(city.actor("何安全").scope) as session:
        found = linked(session, city.now)
    assert (found.hazards, found.named_percent, found.measure_percent) == (3, 67, 33)
    with city.database.reading(city.actor("马安全").scope) as session:
        assert linked(session, city.now).hazards == 0
