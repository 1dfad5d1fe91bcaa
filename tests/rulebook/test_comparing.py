"""Two walks and the record laid side by side: what is the same, earlier, later, told to others, new and gone."""

import uuid
from datetime import UTC, datetime, timedelta

from hazard_flow.hazards.past import Fired
from hazard_flow.rulebook.comparing import Difference, compare, sums

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
HE, TANG = uuid.UUID(int=1), uuid.UUID(int=2)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def fired(
    after: float,
    *,
    timer: str = "classify",
    level: int = 0,
    cycle: int = 0,
    since: float | None = 0,
    people: tuple[uuid.UUID, ...] = (HE,),
    colour: str | None = "blue",
) -> Fired:
    start = None if since is None else AT + hours(since)
    return Fired(AT + hours(after), timer, level, cycle, colour, people, (), start)


def real(after: float, **given: object) -> Fired:
    """As recorded: nobody knows when the run began."""
    return fired(after, since=None, **given)  # type: ignore[arg-type]


def outcomes(differences: tuple[Difference, ...]) -> list[tuple[str, float, float]]:
    return [(d.outcome, d.shown.level, d.shift / hours(1)) for d in differences]


def test_every_outcome():
    expected = [
        fired(4),
        fired(8, level=1),
        fired(12, level=2),
        fired(16, level=3),
        fired(20, level=4),
    ]
    record = [real((one.at - AT) / hours(1), level=one.level) for one in expected]
    changed = [
        fired(4),
        fired(6, level=1),
        fired(30, level=2),
        fired(16, level=3, people=(TANG,)),
        fired(40, level=5),
    ]

    found = compare(record, expected, changed)

    assert outcomes(found.differences) == [
        ("same", 0, 0),
        ("earlier", 1, -2),
        ("readdressed", 3, 0),
        ("gone", 4, 0),
        ("later", 2, 18),
        ("new", 5, 0),
    ]
    assert [d.recorded is not None for d in found.differences] == [True, True, True, True, True, False]
    assert found.unexplained == ()


def test_a_minute_is_no_difference_of_rules():
    late = AT + hours(4) + timedelta(seconds=40)
    found = compare([], [fired(4)], [fired((late - AT) / hours(1))])

    assert [d.outcome for d in found.differences] == ["same"]


def test_two_runs_of_one_timer_are_two_even_where_one_is_gone():
    """Re-checked twice: under the changed file only the second re-check is late. It is not the first one moved by days."""
    expected = [fired(10, since=0), fired(110, since=100)]

    found = compare([real(10), real(110)], expected, [fired(109, since=100)])

    assert outcomes(found.differences) == [("gone", 0, 0), ("earlier", 0, -1)]
    assert [d.recorded and (d.recorded.at - AT) / hours(1) for d in found.differences] == [10, 110]


def test_what_an_outage_swallowed_is_not_the_changed_files_doing():
    """Rungs 0 and 1 were due while nothing ran; rung 2 came two hours late. The same rules replayed fire all three."""
    expected = [fired(4), fired(8, level=1), fired(12, level=2)]
    found = compare([real(14, level=2)], expected, expected)

    assert outcomes(found.differences) == [("same", 0, 0), ("same", 1, 0), ("same", 2, 0)]
    assert [d.is_missed for d in found.differences] == [True, True, False]
    assert sums(found.differences).missed == 2


def test_a_recorded_firing_the_rules_do_not_explain_is_named():
    early = real(2)
    found = compare([early, real(9, timer="never")], [fired(4)], [fired(4)])

    assert found.unexplained == (early, real(9, timer="never"))
    assert [d.is_missed for d in found.differences] == [True]


def test_the_sums_by_hand():
    """Two earlier by 2 h and 4 h, one later by 1 h; orange 1 → 2; told 4 → 6; 唐 hears two more, 何 as often as before."""
    expected = [
        fired(10, timer="a", colour="yellow"),
        fired(10, timer="b", colour="orange"),
        fired(10, timer="c", colour=None),
        fired(10, timer="d", colour=None),
    ]
    changed = [
        fired(8, timer="a", colour="yellow"),
        fired(6, timer="b", colour="orange"),
        fired(11, timer="c", colour=None),
        fired(10, timer="d", colour=None, people=(HE, TANG)),
        fired(50, timer="e", colour="orange", people=(TANG,)),
    ]

    total = sums(compare([], expected, changed).differences)

    assert total.counts == {"earlier": 2, "later": 1, "readdressed": 1, "new": 1}
    assert (total.median_earlier, total.median_later) == (hours(3), hours(1))
    assert total.colours == {"blue": (0, 0), "yellow": (1, 1), "orange": (1, 2), "red": (0, 0)}
    assert total.told == (4, 6)
    assert total.most_changed == (TANG, (0, 2))


def test_nothing_at_all():
    total = sums(())
    assert (total.counts, total.told, total.most_changed, total.median_earlier) == ({}, (0, 0), None, None)
