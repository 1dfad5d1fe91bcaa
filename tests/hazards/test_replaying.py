"""Walking a history by the rules that were in force brings forth exactly what fired: timer, level, cycle, instant, colour, people."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hazard_flow.hazards import replaying
from hazard_flow.hazards.changes import Migrate
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.migrating import ADMINISTRATOR
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.versions import changed, release, renamed, stricter
from tests.harness.walking import told, walks
from tests.rulebook.lives import live


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def exact(city: City, hazards: list[Hazard]) -> int:
    """Compare all of them; how many firings there were."""
    found = walks(city.database, [h.id for h in hazards], until=city.now)
    for hazard, (real, walked) in zip(hazards, found, strict=True):
        assert told(walked.fired) == told(real), hazard.number
        assert walked.not_followed == ()
    return sum(len(real) for real, _ in found)


@pytest.mark.parametrize("seed", [1, 2])
def test_lives_of_all_kinds_are_reproduced_exactly(city: City, seed: int):
    hazards = live(city, seed)

    assert exact(city, hazards) > 15


def test_a_hazard_raised_to_major_is_walked_through_both_workflows(city: City):
    hazard = city.report()
    city.fast_forward(hours=3, minutes=17)
    city.escalate_to_major(hazard)
    city.fast_forward(days=4)

    assert exact(city, [hazard]) > 10


def test_a_migration_is_walked_as_it_happened(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    city.control(hazard)
    city.fast_forward(days=20, minutes=5)
    newer = changed(renamed("submitted", "checking"))
    release(city, newer)
    change = Migrate(
        hazard_id=hazard.id, to_version=newer.version, actor=ADMINISTRATOR, request_key="m", reason="统一执行新版",
        map={"submitted": "checking"},
    )  # fmt: skip
    with city.database.transaction(SYSTEM) as session:
        apply_one(session, change, city.now)
    city.fast_forward(days=20)
    city.fail(hazard)
    city.fast_forward(days=9)

    assert exact(city, [hazard]) > 10


def test_it_writes_nothing(city: City):
    hazards = live(city, 5, moves=15)

    def rows() -> dict[str, Any]:
        return {
            "events": sorted(h.hex() for h in city.all(sa.select(HazardEvent.hash))),
            "timers": sorted((str(t.id), str(t.due_at)) for t in city.all(sa.select(Timer))),
            "messages": len(city.all(sa.select(Outbox.id))),
            "hazards": [(h.number, h.seq, h.state, h.colour) for h in city.hazards()],
        }

    before = rows()
    walks(city.database, [h.id for h in hazards], until=city.now, by=changed(stricter))

    assert rows() == before


def test_acknowledgements_count_in_the_replay_too(city: City):
    """`unsafe` rung 1 at its own offset of 30 min where rung 0 was acknowledged, after 10 min where it was not."""
    seen, unseen = city.report(), city.report()
    city.fast_forward(minutes=35)
    city.acknowledge(seen, by="周调度")
    city.fast_forward(minutes=60)
    quick = changed(lambda file: file["ladders"]["unsafe"][0].update(acknowledge_within="20 min"))

    (_, one), (_, other) = walks(city.database, [seen.id, unseen.id], until=city.now, by=quick)

    def rung_1(walked: replaying.Walked) -> list[timedelta]:
        return [f.at - seen.reported_at for f in walked.fired if f.step == ("control", 1, 0)]

    assert (rung_1(one), rung_1(other)) == ([timedelta(minutes=60)], [timedelta(minutes=50)])


def test_an_act_in_the_very_instant_of_a_deadline_comes_first_unless_the_record_says_otherwise(city: City):
    """Classified exactly four hours after the report: the limit was reached, and the record shows that it fired."""
    hazard = city.report()
    city.control(hazard)
    city.fast_forward(hours=4)
    city.assign(hazard)
    assert [f.after for f in city.firings(hazard, "classify")] == [hours(4)]
    same = changed(
        lambda file: file["states"]["reported"]["timers"]["classify"]["within"].update(A="240 min")
    )
    reminded = changed(
        lambda file: file["states"]["reported"]["timers"]["classify"].update(remind=["30 min before"])
    )

    [(real, in_force)] = walks(city.database, [hazard.id], until=city.now)
    [(_, by_same)] = walks(city.database, [hazard.id], until=city.now, by=same)
    [(_, by_reminded)] = walks(city.database, [hazard.id], until=city.now, by=reminded)

    assert told(in_force.fired) == told(real) == told(by_same.fired)
    assert ("classify", 0, 0) in [f.step for f in by_reminded.fired]


def test_what_the_changed_file_does_not_know_is_named_and_the_walk_goes_on(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.fast_forward(hours=5)
    city.act("王班长", hazard, "progress", percent="40", note="材料已到场")
    city.submit(hazard)
    city.fast_forward(hours=5)
    city.verify(hazard)

    def without_progress(file: dict[str, Any]) -> None:
        del file["actions"]["progress"]
        del file["states"]["rectifying"]["timers"]["progress"]

    [(_, walked)] = walks(city.database, [hazard.id], until=city.now, by=changed(without_progress))
    assert [(n.action, n.reason, n.state, n.went_on_in) for n in walked.not_followed] == [
        ("progress", "no_action", "rectifying", "rectifying")
    ]

    [(_, walked)] = walks(
        city.database, [hazard.id], until=city.now, by=changed(renamed("submitted", "checking"))
    )
    assert walked.not_followed == ()  # the machine leads through `checking`, whatever the record calls it


def test_a_step_put_in_between_is_passed_over_by_the_recorded_state(city: City):
    """Accepting leads to `preparing` now; submitting does not start there, so the hazard goes on as recorded."""
    hazard = city.bring_to(city.report(), "rectifying")
    city.fast_forward(days=3)
    city.submit(hazard)

    def with_preparing(file: dict[str, Any]) -> None:
        file["states"]["preparing"] = {
            "stage": "rectifying",
            "name": {"zh": "备料", "en": "Preparing"},
            "holder": "responsible",
            "timers": {
                "rectify": file["states"]["rectifying"]["timers"]["rectify"],
                "parts": {"within": "1 day", "ladder": "idle"},
            },
        }
        file["actions"]["accept"]["to"] = "preparing"
        file["actions"]["begin"] = {
            "name": {"zh": "开工", "en": "Begin"}, "from": ["preparing"], "to": "rectifying", "who": ["responsible"],
        }  # fmt: skip
        for name in ("start_control", "lift_control", "attach", "acknowledge", "alarm"):
            if isinstance(file["actions"][name]["from"], list):
                file["actions"][name]["from"].append("preparing")
        for name in ("escalate_to_major", "upgrade_unnotified"):
            file["actions"][name]["switch"]["map"]["preparing"] = "rectifying"

    [(_, walked)] = walks(city.database, [hazard.id], until=city.now, by=changed(with_preparing))

    assert [(n.action, n.reason, n.state, n.went_on_in) for n in walked.not_followed] == [
        ("submit", "not_from_here", "preparing", "submitted")
    ]
    assert ("parts", 0, 0) in [f.step for f in walked.fired]
    assert not any(f.timer == "progress" for f in walked.fired)


def test_after_the_changed_file_closed_it_nothing_is_followed(city: City):
    """A file by which a passed re-check closes: the closing that really came later has nothing to close."""
    hazard = city.bring_to(city.report(), "submitted")
    city.verify(hazard)
    city.fast_forward(days=30)
    city.close(hazard)
    assert city.firings(hazard, "close")
    newer = changed()
    actions = dict(newer.actions)
    from dataclasses import replace

    actions["pass"] = replace(actions["pass"], to="closed", resolution="rectified")

    [(_, walked)] = walks(
        city.database,
        [hazard.id],
        until=city.now,
        by=replace(newer, actions=actions, sha256=uuid.uuid4().hex),
    )

    assert [(n.action, n.reason, n.went_on_in) for n in walked.not_followed] == [("close", "closed", None)]
    assert not any(f.timer == "close" for f in walked.fired)


def test_a_forgotten_hazard_is_cut_where_it_would_fill_the_page(city: City, monkeypatch):
    monkeypatch.setattr(replaying, "FIRINGS_MAX", 8)
    hazard = city.report()
    city.fast_forward(hours=20)

    [(real, walked)] = walks(city.database, [hazard.id], until=city.now)

    assert len(real) > 8
    assert (walked.is_cut, len(walked.fired)) == (True, 8)
