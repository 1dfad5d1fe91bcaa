"""Each named condition at its edges; and none looks at more of what files set than it says."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from hazard_flow.workflow import guards
from hazard_flow.workflow.guards import GuardView, Limits

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
OFFICER, DIRECTOR = frozenset({"county_officer"}), frozenset({"safety_director"})
CITY, PROVINCE = frozenset({"city_officer"}), frozenset({"provincial_officer"})
FLAGS = ("control", "extension", "lowering", "transfer", "listing", "gas_stop", "plan")
READING, NOTICE, REPORT = {"LEAK_READING_AFTER": 1}, {"DELIVERY_RECEIPT": 1}, {"EVALUATION_REPORT": 1}
SENSOR: Mapping[str, Any] = {
    "sensor_live": True,
    "sensor_normal_since": NOW - timedelta(hours=2),
    "sensor_fresh_at": NOW,
}


def view(**known: Any) -> GuardView:
    return GuardView(
        **{
            "state": "rectifying",
            "stage": "rectifying",
            "level": "general",
            "urgency": "B",
            "source": "patrol",
            "now": NOW,
            "data": {},
            **known,
        }
    )


#: guard → (what is so, whether it lets pass)
CASES: dict[str, list[tuple[dict[str, Any], bool]]] = {
    **{
        f"no_open_{flag}": [
            ({}, True),
            ({"open_flags": {flag}}, False),
            ({"open_flags": set(FLAGS) - {flag}}, True),
        ]
        for flag in FLAGS
    },
    "control_open": [({}, False), ({"open_flags": {"control"}}, True), ({"open_flags": {"gas_stop"}}, False)],
    "evidence_outstanding": [({}, False), ({"outstanding": 1}, True)],
    "before_due": [
        ({}, False),
        ({"due_at": NOW}, False),
        ({"due_at": NOW + TICK}, True),
    ],
    "asked_in_time": [
        ({}, False),
        ({"due_at": NOW + TICK}, True),  # where nothing else is said, until the deadline
        ({"due_at": NOW + DAY, "ask_by": NOW}, False),
        ({"due_at": NOW + DAY, "ask_by": NOW + TICK}, True),
    ],
    "extension_left": [
        ({}, True),
        ({"counters": {"extended": 1}}, False),
        ({"counters": {"extended": 1}, "limits": Limits(extension_times=2)}, True),
        ({"counters": {"extended": 2}, "limits": Limits(extension_times=2)}, False),
        ({"limits": Limits(extension_times=0)}, False),
    ],
    "extension_possible": [
        ({}, True),
        ({"is_leak": True}, False),
        ({"open_flags": {"gas_stop"}}, False),
        ({"urgency": "A", "term": 3 * DAY}, False),
        ({"urgency": "A", "term": 3 * DAY + TICK}, True),
        ({"urgency": "A"}, True),
        ({"urgency": "B", "term": DAY}, True),
    ],
    "urgency_b_or_c": [
        ({"urgency": word}, passes)
        for word, passes in (("M", False), ("A", False), ("B", True), ("C", True), (None, False))
    ],
    "urgency_rises": [
        ({"data": None}, True),
        ({"data": {"urgency": "A"}}, True),
        ({"data": {"urgency": "B"}}, False),
        ({"data": {"urgency": "C"}}, False),
        ({"urgency": None, "data": {"urgency": "C"}}, True),  # any is higher than none
        ({"data": {}}, False),
    ],
    "urgency_falls": [
        ({"data": None}, True),
        ({"data": {"requested_urgency": "C"}}, True),
        ({"data": {"requested_urgency": "B"}}, False),
        ({"data": {"requested_urgency": "A"}}, False),
        ({"urgency": None, "data": {"requested_urgency": "C"}}, False),
    ],
    "reading_taken_on_site_if_alarm": [
        ({}, True),
        ({"source": "telemetry"}, False),
        ({"source": "telemetry", "data": None}, True),  # a page only asks what to offer
        ({"source": "telemetry", "data": {"leak_reading": "0.0"}}, True),
        ({"source": "telemetry", "evidence": READING}, True),
    ],
    "finder_side_dismisses": [
        ({}, True),
        ({"source": "regulator_inspection", "actor_roles": DIRECTOR}, False),
        ({"source": "regulator_inspection", "actor_roles": OFFICER}, True),
        ({"is_protected": True, "actor_roles": DIRECTOR}, False),
        ({"is_protected": True, "actor_roles": OFFICER}, True),
    ],
    "level_above_decides": [
        ({}, True),
        ({"deciders": {"enterprise_principal"}}, False),
        ({"deciders": {"enterprise_principal"}, "actor_roles": DIRECTOR}, False),
        ({"deciders": {"safety_director", "enterprise_principal"}, "actor_roles": DIRECTOR}, True),
    ],
    "photos_a_minute_apart": [
        ({"data": None}, True),
        ({}, False),
        ({"photo_gap": timedelta(seconds=60) - TICK}, False),
        ({"photo_gap": timedelta(seconds=60)}, True),
        ({"photo_gap": -DAY}, False),
    ],
    "sensor_normal_since_repair": [
        ({}, True),
        ({"facts": {"sensor_live": True}}, False),
        ({"facts": {**SENSOR, "sensor_normal_since": None}}, False),
        ({"facts": SENSOR}, True),
        ({"facts": SENSOR, "completed_at": NOW}, True),
        ({"facts": SENSOR, "completed_at": NOW + TICK}, False),
    ],
    "on_site_unless_c": [
        ({"data": None}, True),
        ({}, False),
        ({"data": {"on_site": True}}, True),
        ({"urgency": "C"}, True),
    ],
    "officer_acts": [({}, False), ({"actor_roles": DIRECTOR}, False), ({"actor_roles": PROVINCE}, True)],
    "operator_acts": [({}, True), ({"actor_roles": DIRECTOR}, True), ({"actor_roles": DIRECTOR | OFFICER}, False)],
    "regulator_lowers_national": [
        ({"actor_roles": DIRECTOR}, True),
        ({"actor_roles": DIRECTOR, "is_national_major": True}, False),
        ({"actor_roles": OFFICER, "is_national_major": True}, True),
    ],
    "gas_stop_lawful": [
        ({"data": None}, True),
        ({"data": {"gas_ground": "emergency"}}, True),
        ({"data": {"gas_ground": "contract"}}, False),
        ({"data": {"gas_ground": "contract"}, "marks": {"user_notified"}}, True),
        ({"data": {"gas_ground": "local_rule"}, "evidence": NOTICE}, True),
        ({"data": {"gas_ground": "refused_entry"}, "evidence": NOTICE, "counters": {"visits": 2}}, False),
        ({"data": {"gas_ground": "refused_entry"}, "evidence": NOTICE, "counters": {"visits": 3}}, True),
        ({"data": {"gas_ground": "refused_entry"}, "counters": {"visits": 3}}, False),
    ],
    "visits_made": [
        ({}, False),
        ({"counters": {"visits": 2}}, False),
        ({"counters": {"visits": 3}}, True),
        ({"counters": {"visits": 1}, "limits": Limits(household_visits_before_notice=1)}, True),
    ],
    "evaluated_if_stopped": [
        ({}, True),
        ({"marks": {guards.STOPPED}}, False),
        ({"marks": {guards.STOPPED}, "evidence": REPORT}, True),
    ],
    "listing_level_acts": [
        ({"actor_roles": DIRECTOR}, True),
        ({"actor_roles": OFFICER, "listing_level": "county"}, True),
        ({"actor_roles": OFFICER, "listing_level": "city"}, False),
        ({"actor_roles": CITY, "listing_level": "city"}, True),
        ({"actor_roles": CITY, "listing_level": "province"}, False),
        ({"actor_roles": PROVINCE, "listing_level": "province"}, True),
        ({"actor_roles": PROVINCE, "listing_level": "national"}, True),
        ({"actor_roles": CITY, "listing_level": "national"}, False),
    ],
    "lifting_published": [
        ({}, True),
        ({"marks": {"listed"}}, False),
        ({"marks": {"listed", "lifting_announced"}}, True),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "known", "passes"),
    [(name, known, passes) for name, cases in CASES.items() for known, passes in cases],
    ids=[f"{name}-{n}" for name, cases in CASES.items() for n, _ in enumerate(cases)],
)
def test_a_guard_at_its_edges(name: str, known: dict[str, Any], passes: bool) -> None:
    assert guards.REGISTRY[name](view(**known)) is passes


@pytest.mark.parametrize("name", sorted(guards.REGISTRY))
def test_each_guard_is_seen_passing_and_refusing(name: str) -> None:
    assert {passes for _, passes in CASES[name]} == {True, False}


class Watched:
    """A view that notes which requests, marks and counts it is asked for."""

    def __init__(self, behind: GuardView) -> None:
        self._view, self.seen = behind, {"flags": set(), "marks": set(), "counts": set()}

    def __getattr__(self, name: str) -> Any:
        assert name not in ("open_flags", "marks"), "ask is_open and has_mark: the proof follows these"
        return (
            Counts(self._view.counters, self.seen["counts"])
            if name == "counters"
            else getattr(self._view, name)
        )

    def is_open(self, flag: str) -> bool:
        self.seen["flags"].add(flag)
        return self._view.is_open(flag)

    def has_mark(self, mark: str) -> bool:
        self.seen["marks"].add(mark)
        return self._view.has_mark(mark)


class Counts(dict[str, int]):
    """Counters that note which are asked for."""

    def __init__(self, counts: Mapping[str, int], seen: set[str]) -> None:
        super().__init__(counts)
        self.seen = seen

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(name)
        return super().get(name, default)


@pytest.mark.parametrize("name", sorted(guards.REGISTRY))
def test_a_guard_looks_at_what_it_says_and_at_nothing_more(name: str) -> None:
    """What the proof follows is read off `reads`: a request or mark that a guard asked for in silence would be left out."""
    said = guards.reads(name)
    seen: dict[str, set[str]] = {"flags": set(), "marks": set(), "counts": set()}
    known = [known for known, _ in CASES[name]]
    every: list[dict[str, Any]] = [{"open_flags": flags, "marks": marks} for flags, marks in product(
        (frozenset(), frozenset(FLAGS)), (frozenset(), frozenset({"listed", "user_notified", guards.STOPPED})))]  # fmt: skip
    for one, other in product(known, every):
        watched = Watched(view(**{**other, **one}))
        guards.REGISTRY[name](watched)  # type: ignore[arg-type]
        for kind, words in watched.seen.items():
            seen[kind] |= words
    assert seen == {kind.name: set(getattr(said, kind.name)) for kind in fields(said)}


def test_a_marks_own_guard_looks_at_the_mark() -> None:
    assert guards.reads("staff_told") == guards.Reads(marks=("staff_told",))


def test_a_second_guard_of_a_name_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="twice"):
        guards.guard("before_due")(lambda view: True)
