"""Three enterprises go round for a year, one honestly: what is reckoned of it equals what the generator knows to be true."""

from collections import defaultdict

import pytest
import sqlalchemy as sa

from hazard_flow.inspections.figures import figures
from hazard_flow.inspections.models import Round, RoundFlag
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.rounds import work
from tests.harness.year_of_rounds import LINE_M, Score, Year, organisations


def lived(city: City, *, seed: int, days: int) -> Year:
    return Year(city, seed=seed, days=days).live(lambda: work(city))


def judge(year: Year) -> Score:
    """Everything reckoned against everything true; the figures against sums of one's own."""
    city = year.city
    rounds = {one.id: one for one in city.all(sa.select(Round)) if one.planned_on <= year.last}
    assert rounds.keys() == year.truths.keys()
    raised: defaultdict[object, set[str]] = defaultdict(set)
    for flag in city.all(sa.select(RoundFlag)):
        raised[flag.round_id].add(flag.rule)
    score = Score()
    for id_, truth in year.truths.items():
        found = rounds[id_]
        assert (found.state, found.is_late) == (truth.state, truth.is_late), (truth, found.planned_on)
        if truth.state == "done":
            assert found.is_valid is truth.is_valid, (truth, found.track)
        if truth.covered_m is not None:
            # caps of the covered reach are polygons, not circles
            assert found.covered_m == pytest.approx(truth.covered_m, abs=2.0), truth
        assert raised[id_] == (truth.doubts - truth.subtle) | truth.innocent, (truth, raised[id_])
        score.note(truth.doubts, frozenset(raised[id_]))
    figures_equal(year, list(rounds.values()))
    return score


def figures_equal(year: Year, rounds: list[Round]) -> None:
    first = min(one.planned_on for one in rounds)
    ids = organisations(year)
    with year.city.database.reading(SYSTEM) as session:
        said = figures(session, ids, first, year.last)
    for home, enterprise in zip(ids, year.enterprises, strict=True):
        patrol, wells = said[home]
        assert (patrol.line, patrol.unit, wells.line, wells.unit) == (
            "pipeline_patrol",
            "km",
            "valves",
            "rounds",
        )
        of = [(one, year.truths[one.id]) for one in rounds if one.home_id == home]
        walked = [truth for one, truth in of if one.line == "pipeline_patrol"]
        km = 2 * LINE_M / 1000
        assert patrol.due == pytest.approx(km * len(walked), rel=1e-3), enterprise.name
        assert patrol.done == pytest.approx(
            sum((t.covered_m or 0) / 1000 for t in walked if t.is_valid), abs=0.01 * len(walked)
        )
        assert patrol.missed == pytest.approx(km * sum(not t.is_valid for t in walked), rel=1e-3)
        assert patrol.invalid == pytest.approx(km * sum(t.is_valid is False for t in walked), rel=1e-3)
        looked = [truth for one, truth in of if one.line == "valves"]
        assert (wells.due, wells.done, wells.on_time, wells.missed) == (
            len(looked),
            sum(t.state == "done" for t in looked),
            sum(t.state == "done" and not t.is_late for t in looked),
            sum(t.state == "missed" for t in looked),
        )


def test_a_month_as_the_generator_knows_it(city: City, capsys: pytest.CaptureFixture[str]):
    score = judge(lived(city, seed=20261102, days=31))
    with capsys.disabled():
        print("\n" + "\n".join(score.lines()))
    assert score.precision > 0.95
    assert score.recall > 0.9


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_year_as_the_generator_knows_it(city: City, seed: int, capsys: pytest.CaptureFixture[str]):
    score = judge(lived(city, seed=seed, days=365))
    with capsys.disabled():
        print(f"\nseed {seed}\n" + "\n".join(score.lines()))
    assert score.precision > 0.95
    assert score.recall > 0.9
