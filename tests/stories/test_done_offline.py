"""Acts done without a network: their event says when, clocks from the finding measure that instant, office clocks the receipt."""

import uuid
from dataclasses import replace
from datetime import timedelta

from hazard_flow.hazards import queries
from hazard_flow.hazards.changes import Act, Offline
from hazard_flow.hazards.models import Hazard
from hazard_flow.offline.submissions.entering import known_version
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.walking import told, walks


def offline(city: City, **ago: float) -> Offline:
    return Offline(at=city.now - timedelta(**ago), submission=str(uuid.uuid4()), clock_skew_s=0)


def done(city: City, who: str, hazard: Hazard, action: str, when: Offline, **data: object) -> Act:
    change = replace(city.change(who, hazard, action, **data), offline=when)
    city.act_as(change)
    return change


def test_interim_control_counts_from_when_it_was_taken(city: City):
    hazard = city.report()
    city.fast_forward(minutes=50)
    fired = len(city.firings(hazard, "control"))

    done(city, "李巡检", hazard, "start_control", offline(city, minutes=40), control="GUARD")

    now = city.look(hazard)
    assert fired > 0
    assert now.marks["control_started"] == (city.now - timedelta(minutes=40)).strftime(
        "%Y-%m-%dT%H:%M:%S.%fZ"
    )
    assert len(city.firings(hazard, "control")) == fired
    city.fast_forward(hours=3)
    assert len(city.firings(hazard, "control")) == fired
    event = city.events(hazard)[-1]
    told_at = next(e for e in city.events(hazard) if e.action == "start_control")
    assert told_at.data["offline"]["at"] == now.marks["control_started"]
    assert event.at >= told_at.at


def test_it_is_never_taken_before_the_finding(city: City):
    hazard = city.report()
    city.fast_forward(minutes=5)

    done(city, "李巡检", hazard, "start_control", offline(city, hours=5), control="GUARD")

    now = city.look(hazard)
    assert now.marks["control_started"] == now.found_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_office_clocks_count_from_the_receipt(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.fast_forward(hours=2)

    done(city, "王班长", hazard, "accept", offline(city, hours=1))

    assert city.look(hazard).state_entered_at == city.now
    assert city.timers(hazard)["progress"].started_at == city.now


def test_history_is_walked_with_the_act_s_own_time(city: City):
    hazard = city.report()
    city.fast_forward(minutes=10)
    done(city, "李巡检", hazard, "start_control", offline(city, minutes=5), control="GUARD")
    city.fast_forward(days=3)

    [(real, walked)] = walks(city.database, [hazard.id], until=city.now)

    assert told(walked.fired) == told(real)
    assert walked.not_followed == ()


def test_reminders_that_fired_meanwhile_are_nobody_s_act(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    seen = hazard.seq
    city.fast_forward(days=2)
    reminded = city.look(hazard)

    with city.database.reading(SYSTEM) as session:
        after_reminders = known_version(session, queries.by_number(session, hazard.number), seen)
    city.control(hazard)
    with city.database.reading(SYSTEM) as session:
        after_an_act = known_version(session, queries.by_number(session, hazard.number), seen)

    assert reminded.seq > seen
    assert after_reminders == reminded.seq
    assert after_an_act == seen
