"""Lines of daily work month by month, each beside the regulator's own re-checks."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.inspections.work_lines import LineFigures
from hazard_flow.supervision import hazard_line
from hazard_flow.supervision.lines import Lines, board, month_of, months_back
from tests.harness.cast import ANPING, HENGCHUAN
from tests.harness.city import City
from tests.harness.oversight import looked_again

ZONE = ZoneInfo("Asia/Shanghai")


def test_a_month_speaks_to_the_end_of_yesterday_and_on_its_first_day_the_one_before_is_shown():
    assert month_of("", date(2026, 11, 20)).until == date(2026, 11, 19)
    assert month_of("", date(2026, 12, 1)).key == "2026-11"
    assert month_of("2026-02", date(2026, 12, 1)).until == date(2026, 2, 28)
    assert [one.key for one in months_back(month_of("2026-01", date(2026, 2, 3)), 3, date(2026, 2, 3))] == [
        "2025-11",
        "2025-12",
        "2026-01",
    ]
    for bad in ("2026-13", "soon", "2027-01", "0001-01"):
        with pytest.raises(ValueError):
            month_of(bad, date(2026, 12, 1))


def test_hazard_governance_counts_what_was_due_done_late_and_missed(city: City):
    home, other = city.founded.units[HENGCHUAN], city.founded.units[ANPING]
    done = city.bring_to(city.report("调压箱锈蚀，门锁损坏"), "verified")
    missed = city.bring_to(city.report("阀井漏气，读数偏高"), "rectifying")
    last = max(done.original_due_at, missed.original_due_at)
    city.fast_forward(seconds=(last - city.now).total_seconds() + 86_400)
    until = (city.now.astimezone(ZONE) - timedelta(days=1)).date()
    with city.database.reading(city.actor("陈处长").scope) as session:
        found = hazard_line.figures(session, [home, other], date(2026, 11, 1), until)
        before = hazard_line.figures(session, [home, other], date(2026, 10, 1), date(2026, 10, 31))
    [figures] = found[home]
    assert (figures.due, figures.done, figures.on_time, figures.missed, figures.findings) == (2, 1, 1, 1, 2)
    assert other not in found
    assert [one.due for one in before.get(home, [])] in ([], [0])


def test_a_line_stands_beside_what_the_regulator_found(city: City):
    home, other = city.founded.units[HENGCHUAN], city.founded.units[ANPING]

    def valves(session, organisation_ids, since, until):
        return {
            home: [LineFigures("valves", "rounds", due=20, done=19, on_time=18, missed=1, href="/rounds")]
        }

    told = {
        "organisation": str(home),
        "line": "valves",
        "record_says": "阀井完好，无泄漏",
        "recorded_at": city.now.isoformat(),
    }
    looked_again(city, outcome="contradicts", **told)
    lines = Lines([valves, hazard_line.figures])
    today = date(2026, 12, 1)
    with city.database.reading(city.actor("陈处长").scope) as session:
        found = board(session, lines, [home, other], month_of("2026-11", today), ZONE)
    cell = found[home]["valves"]
    assert (cell.percent, cell.is_doubtful, cell.rate.contradicted) == (95, True, 1)
    assert found[other] == {}


def test_where_two_speak_of_one_line_the_first_is_heard(city: City):
    home = city.founded.units[HENGCHUAN]
    one, two = ({home: [LineFigures("duty", "rounds", due=n)]} for n in (1, 2))
    lines = Lines()
    lines.register(lambda *_: one)
    lines.register(lambda *_: two)
    with city.database.reading(city.actor("陈处长").scope) as session:
        assert lines.figures(session, [home], date(2026, 11, 1), date(2026, 11, 2))[home, "duty"].due == 1
        assert lines.figures(session, [home], date(2026, 11, 2), date(2026, 11, 1)) == {}
