"""Every indicator's own worked example comes to what it says."""

from typing import Any

import pytest

from hazard_flow.assessment.indicators.alarms import Alarm
from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.counting import OfFeature, OneByOne
from hazard_flow.assessment.indicators.definition import Example, Indicator, Ratio, summed
from hazard_flow.assessment.indicators.formulas.i19_devices_online import Watched
from hazard_flow.storage.scope import SYSTEM
from tests.harness import figures
from tests.harness.city import City

CASES = [(one, example) for one in indicators().values() for example in one.examples]
OVER_ROWS = [(one, example) for one, example in CASES if example.given is None]
GIVEN = [(one, example) for one, example in CASES if example.given is not None]


def name(case: Any) -> str:
    return case.id if isinstance(case, Indicator) else ""


def test_every_indicator_has_an_example_and_says_how_it_could_be_gamed():
    assert {one.id for one, _ in CASES} == set(indicators())
    for one in indicators().values():
        assert one.gamed.zh, one.id
        assert one.mark in ("V", "V2", "P", "M", "D")


@pytest.mark.parametrize(("indicator", "example"), OVER_ROWS, ids=name)
def test_the_example_comes_to_what_it_says(city: City, indicator: Indicator, example: Example):
    home = figures.example_home(city)
    frame = figures.frame(lines=figures.saying(home, example.lines))
    with city.database.transaction(SYSTEM) as session:
        figures.lay(city, session, home, example.facts)
        found = indicator.counter.count(session, frame, [home])[home]
        assert (found.above, found.below) == (example.above, example.below)
        if example.value is not None:
            assert indicator.value(found) == pytest.approx(example.value)
        if example.facts:
            rows = indicator.counter.cases(session, frame, home, limit=100)
            weights = [one.weight if indicator.unit == "percent" else 1 for one in rows]
            assert sum(weights) == example.below
            assert sum(w for w, one in zip(weights, rows, strict=True) if one.is_counted) == example.above


@pytest.mark.parametrize(("indicator", "example"), GIVEN, ids=name)
def test_the_pure_part_comes_to_what_it_says(indicator: Indicator, example: Example):
    counter = indicator.counter
    if isinstance(counter, OneByOne):
        assert counter.judge is not None
        frame = figures.frame()
        alarms = [figures.given(Alarm, one) for one in example.given]
        [found] = summed(counter.judge(alarms, frame.policy, frame.until_at)).values()
    else:
        assert isinstance(counter, OfFeature)
        said = example.given
        if isinstance(said, tuple) and isinstance(said[0], dict):
            said = [figures.given(Watched, one) for one in said]
        found = Ratio(*counter.pure(said))
    assert (found.above, found.below) == (example.above, example.below)
