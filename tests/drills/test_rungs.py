"""What is amiss about a rung: found from what was planned and what happened, nothing else."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hazard_flow.drills.rungs import Climbed, Told, judged
from hazard_flow.drills.sealed import Place
from tests.harness import founding

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
GENERAL = founding.rules().newest("general")
RULE = GENERAL.clocks["control"]


def rung(level: int, *people: uuid.UUID, **given: object) -> Climbed:
    plain = Climbed(
        place=Place(uuid.UUID(int=9), "a/b/", "990102"),
        workflow=GENERAL,
        state=None,
        rule=RULE,
        level=level,
        after="30 min",
        planned_at=NOW + timedelta(minutes=level),
        planned_people=frozenset(people),
        fired_at=NOW + timedelta(minutes=level),
        told=[Told(person, {"inbox": "inbox", "message": "email"}) for person in people],
    )
    return replace(plain, **given)


def found(*ladder: Climbed) -> list[list[str]]:
    return [list(one.findings) for one in judged(ladder)]


def test_a_ladder_on_which_each_rung_reaches_somebody_new_has_no_findings():
    assert found(rung(0, ONE), rung(1, OTHER)) == [[], []]
    assert [one.result for one in judged([rung(0, ONE)])] == ["fired"]


def test_a_rung_that_reaches_nobody_is_one():
    (one,) = judged([rung(0)])
    assert (one.result, list(one.findings)) == ("nobody", ["nobody"])


def test_telling_only_those_who_know_is_no_escalation():
    assert found(rung(0, ONE, OTHER), rung(1, OTHER)) == [[], ["nobody_new"]]


def test_firing_at_another_time_or_to_others_than_forecast_is_a_fault():
    late = rung(0, ONE, fired_at=NOW + timedelta(seconds=5))
    assert found(late) == [["not_on_time"]]
    assert found(rung(0, ONE, planned_people=frozenset({OTHER}))) == [["others_told"]]


def test_not_firing_is_a_fault_unless_nobody_could_bring_a_hazard_there():
    assert found(rung(0, ONE, fired_at=None)) == [["not_fired"]]
    looked_up = rung(
        0, ONE, fired_at=None, planned_at=None, stuck="assign: too_few", unreachable=["verifiers"]
    )
    assert found(looked_up) == [["not_staged"]], "a part nobody has been given is no vacant post"
    assert judged([looked_up])[0].result == "resolved"


def test_vacant_posts_addresses_and_failures_are_named():
    assert found(rung(0, ONE, unreachable=["duty_desk"])) == [["vacant"]]
    assert found(rung(0, ONE, told=[Told(ONE, {"message": "no_address"})])) == [["no_address"]]
    assert found(rung(0, ONE, told=[Told(ONE, {"phone": "failed:nobody"})])) == [["failed"]]
    assert found(rung(0, ONE, parked=True)) == [["parked"]]
