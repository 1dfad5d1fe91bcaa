"""Each formula counts what its name says, opens onto exactly those rows, and each enterprise stands for itself."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from hazard_flow.daily_work import queries
from hazard_flow.daily_work.figures import by_home, figures, measure, ratio_of
from hazard_flow.daily_work.formulas import FORMULAS, Span
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.periods import days_of
from hazard_flow.inspections.work_lines import LineFigures
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import ANPING, HENGCHUAN
from tests.harness.city import City
from tests.harness.daily_work import (
    certificate,
    close,
    complaint,
    cylinder,
    day,
    drill,
    make_items,
    move,
    record,
    today,
    withdraw,
)


def span(city: City) -> Span:
    """The city's year so far."""
    since, until = days_of("year", today(city))
    return Span(since, until, city.now, today(city))


def came_out(city: City, key: str) -> tuple[float, float | None]:
    """What a figure shows: above and below its line."""
    [figure] = [one for line in line_book().lines.values() for one in line.figures.values() if one.key == key]
    with city.database.reading(SYSTEM) as session:
        [found] = measure(session, [figure], span(city))
        ratio = ratio_of(figure, span(city))
        # what can be opened is what was counted
        if ratio.below is not None and ratio.below.value is None:
            kind = figure.args.get("kind", "")
            if ratio.above.table.__tablename__ == "work_record":
                rows = queries.page(
                    session, kind, queries.Wanted(), cursor=None, limit=200, among=ratio.above
                )
                assert len(rows.items) == found.above
            else:
                items = queries.items(session, figure.line, among=ratio.above)
                assert len(items) == found.above
    return found.above, found.below


def reading(city: City, volts: str) -> None:
    record(city, "cp_reading", files=[], measured_on=day(city), test_post=f"CP{volts}", potential_v=volts)


def test_the_protected_rate_counts_points_at_or_below_the_limit(city: City):
    for volts in ("-0.85", "-0.849", "-1.1"):
        reading(city, volts)
    assert came_out(city, "protected_rate") == (2, 3)


def test_what_was_withdrawn_is_counted_nowhere(city: City):
    reading(city, "-0.5")
    row = record(city, "cp_reading", files=[], measured_on=day(city), test_post="CP-9", potential_v="-0.5")
    withdraw(city, row)
    assert came_out(city, "protected_rate") == (0, 1)


def test_certificates_count_as_long_as_they_are_in_force(city: City):
    certificate(city, number="A", days=0)
    certificate(city, number="B", days=-1)
    assert came_out(city, "certificates_valid") == (1, 2)


def test_only_cylinders_in_circulation_count(city: City):
    cylinder(city, "A", test_in=-1)
    cylinder(city, "B", test_in=-1, use="stored")
    cylinder(city, "C", test_in=1)
    assert came_out(city, "expired_circulating") == (1, 2)


def test_a_delivery_that_says_nothing_of_a_check_was_not_checked(city: City):
    cylinder(city, "A")
    move(city, "A", "delivery", checked="yes")
    move(city, "A", "delivery", checked="no", remark="2")
    move(city, "A", "delivery", remark="3")
    move(city, "A", "sale", checked="no")
    assert came_out(city, "delivery_checks") == (1, 3)


def test_a_fill_is_traced_once_it_was_delivered_or_sold(city: City):
    cylinder(city, "A")
    cylinder(city, "B")
    move(city, "A", "fill")
    move(city, "B", "fill")
    assert came_out(city, "traced") == (0, 2)
    move(city, "A", "sale")
    move(city, "B", "return")
    assert came_out(city, "traced") == (1, 2)


def test_a_call_nobody_answered_is_a_call(city: City):
    for answered, seconds in (("yes", "30"), ("yes", "31"), ("no", "")):
        record(
            city,
            "call_test",
            files=[],
            person=str(city.person("周调度")),
            called_at=city.now.isoformat(),
            answered=answered,
            answer_s=seconds,
        )
    assert came_out(city, "answered_in_30_s") == (1, 3)


def test_complaints_count_once_answered_or_over(city: City):
    complaint(city)
    assert came_out(city, "complaints_in_time") == (0, 0)
    done = complaint(city)
    close(city, done, replied_on=day(city), result="已处理", satisfied="yes")
    assert came_out(city, "complaints_in_time") == (1, 1)
    city.fast_forward(days=10)
    assert came_out(city, "complaints_in_time") == (1, 2)


def test_money_used_stands_over_the_budgets_of_the_year(city: City):
    budget = {"subject": "training", "approved_on": day(city, -20), "planned_cny": "1000.50"}
    record(city, "budget", year="2026", **budget)
    record(city, "budget", year="2025", **budget)
    for number, amount in (("V1", "100.25"), ("V2", "200")):
        record(
            city,
            "voucher",
            voucher_number=number,
            paid_on=day(city),
            subject="training",
            what="教材",
            spent_cny=amount,
        )
    assert came_out(city, "money_used") == (300.25, 1000.5)


def test_drills_count_once_they_are_due_or_done(city: City):
    make_items(city)
    assert came_out(city, "drills_done") == (0, 0)
    drill(city)
    assert came_out(city, "drills_done") == (1, 1)


def test_evaluations_done_late_are_done_and_not_on_time(city: City):
    assert set(FORMULAS) >= {
        figure.formula for line in line_book().lines.values() for figure in line.figures.values()
    }
    assert came_out(city, "evaluations_on_time") == (0, 0)


def of(found: Any, line: str) -> LineFigures:
    [one] = [one for one in found if one.line == line]
    return one


def test_every_line_is_told_of_every_enterprise_by_itself(city: City):
    make_items(city)
    drill(city)
    cylinder(city, "A", test_in=-1)
    move(city, "A", "delivery", checked="yes")
    homes = [city.founded.units[HENGCHUAN], city.founded.units[ANPING]]
    with city.database.reading(SYSTEM) as session:
        found = figures(session, homes, date(2026, 1, 1), date(2026, 12, 31))
    ours, theirs = found[homes[0]], found[homes[1]]
    assert {one.line for one in ours} == {
        "training", "drills", "duty", "leaders", "lpg", "evaluation", "investment", "special_equipment", "complaints", "responsibility",
    }  # fmt: skip
    assert (of(ours, "drills").due, of(ours, "drills").done, of(ours, "drills").on_time) == (1, 1, 1)
    assert (of(theirs, "drills").due, of(theirs, "drills").missed) == (1, 1)
    assert (of(ours, "lpg").due, of(ours, "lpg").done, of(ours, "lpg").findings) == (1, 1, 1)
    assert of(theirs, "lpg").due == 0
    # nobody has a post yet: everybody is missing
    assert of(ours, "responsibility").missed == of(ours, "responsibility").due > 5


def test_another_enterprise_does_not_see_the_figures(city: City):
    reading(city, "-0.9")
    figure = line_book().lines["corrosion"].figures["protected_rate"]
    for who, expected in (("唐监管", 1.0), ("李巡检", 1.0), ("孙巡检", 0.0)):
        with city.database.reading(city.actor(who).scope) as session:
            assert sum(by_home(session, ratio_of(figure, span(city)).above, None).values()) == expected, who


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_periods_are_calendar_ones(period: str, first: date, last: date):
    assert days_of(period, date(2026, 11, 2)) == (first, last)
    assert days_of("month", datetime(2028, 2, 3, tzinfo=UTC).date())[1] == date(2028, 2, 29)
