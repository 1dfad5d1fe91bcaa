"""Deadband, k of n and levels, spelt out; and a stream gives the same transitions in whatever portions it is folded."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazard_flow.telemetry.alerts import AlertState, Change, Sample, Transition, fold_samples, fold_statement
from hazard_flow.telemetry.rulefile import shipped_rules

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
RULES = shipped_rules()
GAS = RULES.threshold_for("ch4_lel")
assert GAS is not None


def stream(values: list[float], *, every: timedelta = timedelta(minutes=1)) -> list[Sample]:
    return [Sample(START + n * every, f"{n:05d}", value) for n, value in enumerate(values)]


def folded(samples: list[Sample], portions: list[int]) -> tuple[AlertState | None, list[Transition]]:
    """The samples folded in portions of these sizes, each with the few samples before it that the rule looks back on."""
    assert GAS is not None
    state: AlertState | None = None
    steps: list[Transition] = []
    start = 0
    for size in [*portions, len(samples)]:
        new = samples[start : start + size]
        if not new:
            break
        back = samples[max(0, start - GAS.window + 1) : start]
        keys = [s.key for s in new]
        state, more = fold_samples(
            GAS, state, back + new, new=keys, off_delay=RULES.off_delay, window=RULES.window
        )
        steps += more
        start += size
    return state, steps


def changes(values: list[float], **kwargs: timedelta) -> list[tuple[str, int]]:
    return [(step.change.value, step.level) for step in folded(stream(values, **kwargs), [])[1]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([60, 60], []),  # two of three
        ([60, 60, 60], [("raised", 2)]),
        ([25, 25, 25], [("raised", 1)]),  # at the limit counts
        ([24.9] * 20, []),
        ([26, 24, 26, 24, 26], [("raised", 1)]),  # 3 of 5 survives the flapping that `for:` never caught
        ([26, 3, 3, 3, 26, 3, 3, 3, 26], []),  # single spikes
        ([30, 30, 30, 60, 60, 60], [("raised", 1), ("rose", 2)]),
        ([60, 60, 60, 46, 46, 46], [("raised", 2)]),  # deadband of level 2
        ([60, 60, 60, 44, 44, 44], [("raised", 2), ("fell", 1)]),
        ([60, 60, 60, 44, 44, 44, 55, 55, 55], [("raised", 2), ("fell", 1), ("rose", 2)]),
        ([30] * 3 + [21] * 60, [("raised", 1)]),  # above clear_below: never normal
        ([30] * 3 + [3] * 9, [("raised", 1)]),  # 9 minutes under it: not yet
        ([30] * 3 + [3] * 10, [("raised", 1), ("ended", 1)]),  # the tenth minute
        ([30] * 3 + [3] * 9 + [22] + [3] * 9, [("raised", 1)]),  # one dip over 20 starts the off-delay again
        ([30] * 3 + [3] * 10 + [30] * 3, [("raised", 1), ("ended", 1), ("raised", 1)]),
    ],
)
def test_samples_a_minute_apart(values: list[float], expected: list[tuple[str, int]]) -> None:
    assert changes(values) == expected


def test_samples_of_one_instant_count_each() -> None:
    assert changes([60, 60, 60], every=timedelta(0)) == [("raised", 2)]


def test_samples_days_apart_are_no_episode() -> None:
    assert changes([60] * 9, every=timedelta(hours=7)) == []


def test_an_episode_is_named_by_its_first_high_sample() -> None:
    _, [step] = folded(stream([3, 30, 3, 30, 30]), [])
    assert step.episode == (START + timedelta(minutes=1)).isoformat()
    assert step.at == START + timedelta(minutes=4)


def test_a_late_sample_raises_in_its_place_but_never_ends_an_alert() -> None:
    assert GAS is not None
    early = stream([30, 3, 30, 3])
    state, steps = folded(early, [])
    assert steps == []
    late = Sample(START + timedelta(seconds=90), "late", 30.0)
    state, steps = fold_samples(
        GAS, state, sorted([*early, late]), new=["late"], off_delay=RULES.off_delay, window=RULES.window
    )
    assert [s.change for s in steps] == [Change.RAISED]
    calm = Sample(START + timedelta(seconds=100), "late 2", 0.0)
    state, steps = fold_samples(
        GAS, state, sorted([*early, late, calm]), new=["late 2"], off_delay=timedelta(0), window=RULES.window
    )
    assert [s.change for s in steps if s.change is Change.ENDED and s.at < early[-1].observed_at] == []


@given(
    st.lists(st.sampled_from([0.0, 19.0, 21.0, 24.0, 26.0, 44.0, 49.0, 51.0, 100.0]), max_size=60),
    st.lists(st.integers(1, 7), max_size=60),
)
def test_any_portions_give_the_same_transitions(values: list[float], portions: list[int]) -> None:
    samples = stream(values)
    assert folded(samples, portions) == folded(samples, [])


# statements of other systems


def said(words: str) -> list[str]:
    """The transitions of one episode after firing (F) and resolved (R) in this order."""
    state: AlertState | None = None
    steps = []
    for word in words:
        state, step = fold_statement(state, firing=word == "F", level=2, episode="e", at=START)
        steps += [step.change.value] if step else []
    return steps


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("F", ["raised"]),
        ("FFF", ["raised"]),
        ("FR", ["raised", "ended"]),
        ("FRRR", ["raised", "ended"]),
        ("R", []),  # inhibited all the time: it never fired for us
        ("RF", ["raised"]),  # the order of arrival decides nothing
        ("RFR", ["raised"]),
    ],
)
def test_statements_about_one_episode(words: str, expected: list[str]) -> None:
    assert said(words) == expected


def test_a_worse_statement_of_the_same_episode_rises() -> None:
    state, _ = fold_statement(None, firing=True, level=1, episode="e", at=START)
    state, step = fold_statement(state, firing=True, level=2, episode="e", at=START)
    assert step is not None
    assert (step.change, step.level) == (Change.ROSE, 2)
    assert fold_statement(state, firing=True, level=1, episode="e", at=START)[1] is None
