"""A new version is for new hazards. One that is open keeps its own, unless an administrator moves it, by an event that says so."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hazard_flow.errors import HazardFlowError, NotAllowed, Refused
from hazard_flow.hazards.changes import Migrate, Outcome
from hazard_flow.hazards.door import apply
from hazard_flow.hazards.migrating import ADMINISTRATOR
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.past import Past
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.shown import Words
from hazard_flow.hazards.story import timeline
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.workflow.definition import Workflow
from tests.harness.city import City
from tests.harness.versions import changed, release, renamed, stricter

HOUR = timedelta(hours=1)


def move(city: City, hazard: Hazard, to: Workflow, **given: Any) -> Outcome:
    """The administrator moves one hazard."""
    change = Migrate(
        hazard_id=hazard.id,
        to_version=to.version,
        actor=given.pop("actor", ADMINISTRATOR),
        request_key=given.pop("key", None) or uuid.uuid4().hex,
        reason=given.pop("reason", "新版流程已发布，在办隐患一并执行"),
        map=given.pop("names", {}),
    )
    with city.database.transaction(SYSTEM) as session:
        return apply(session, [change], city.now)[0]


def refused(outcome: Outcome) -> list[tuple[str, str]]:
    assert isinstance(outcome.error, HazardFlowError)
    return [(one.field, one.code) for one in outcome.error.fields]


def test_one_opened_before_finishes_as_it_began(city: City):
    old = city.report()
    v1 = old.workflow_version
    newer = changed(stricter)
    release(city, newer)
    new = city.report()

    city.fast_forward(hours=3)

    assert (city.look(old).workflow_version, city.look(new).workflow_version) == (v1, newer.version)
    assert [f.after for f in city.firings(new, "classify")] == [2 * HOUR]
    assert city.firings(old, "classify") == []
    for hazard in (old, new):
        city.bring_to(hazard, "closed")
    assert {e.data["workflow"] for e in city.events(old) if "workflow" in e.data} == {f"general.v{v1}"}
    assert {e.data["workflow"] for e in city.events(new) if "workflow" in e.data} == {newer.id}
    assert (city.look(old).workflow_version, city.look(old).resolution) == (v1, "rectified")


def test_moving_one_is_an_event_and_keeps_the_time_already_passed(city: City):
    hazard = city.report()
    city.control(hazard)
    newer = changed(stricter)
    release(city, newer)
    city.fast_forward(hours=1)
    before = city.look(hazard)

    outcome = move(city, hazard, newer, reason="统一执行新版时限").or_raise()

    after = city.look(hazard)
    assert (after.workflow_version, after.state, after.stage) == (newer.version, "reported", "reported")
    assert (after.state_entered_at, after.state_seq) == (before.state_entered_at, before.state_seq)
    event = city.events(hazard)[-1]
    assert (event.type, event.who, event.seq) == ("hazard.migrated", "system:administrator", after.seq)
    assert event.data == {
        "action": None,
        "workflow": newer.id,
        "from_workflow": f"general.v{newer.version - 1}",
        "from": "reported",
        "state": "reported",
        "from_stage": "reported",
        "stage": "reported",
        "level": "general",
        "urgency": "A",
        "fields": {"reason": "统一执行新版时限"},
    }
    assert outcome.event is not None
    # two hours from the report, not from the move
    assert city.timers(hazard)["classify"].expires_at - hazard.reported_at == 2 * HOUR
    city.fast_forward(hours=8)
    assert [(f.after, f.level) for f in city.firings(hazard, "classify")] == [(2 * HOUR, 0), (8 * HOUR, 1)]


def test_rungs_that_fired_stay_fired_and_the_colour_stays(city: City):
    hazard = city.report()
    city.control(hazard)
    newer = changed(stricter)
    release(city, newer)
    city.fast_forward(days=9)  # 4 h, then 1, 3 and 7 working days after it
    before = city.look(hazard)
    fired = [(f.level, f.told) for f in city.firings(hazard, "classify")]
    assert (before.colour, [level for level, _ in fired]) == ("orange", [0, 1, 2, 3])

    move(city, hazard, newer).or_raise()
    city.fast_forward(minutes=1)

    assert city.look(hazard).colour == "orange"
    assert [(f.level, f.told) for f in city.firings(hazard, "classify")] == fired
    pending = city.timers(hazard)["classify"]
    assert (pending.level, pending.cycle) == (4, 0)
    city.fast_forward(days=40)
    assert [f.level for f in city.firings(hazard, "classify")][4:6] == [4, 4]
    assert city.look(hazard).colour == "red"


def test_patience_that_was_running_out_keeps_its_end(city: City):
    hazard = city.report()  # suspected A: first control within 30 min, then 10 min to acknowledge
    newer = changed(lambda file: file["ladders"]["unsafe"][1].update(after="50 min"))
    release(city, newer)
    city.fast_forward(minutes=35)

    move(city, hazard, newer).or_raise()
    city.fast_forward(minutes=10)

    assert [f.after for f in city.firings(hazard, "control")] == [
        timedelta(minutes=30),
        timedelta(minutes=40),
    ]


def test_a_longer_ladder_goes_on_where_the_shorter_one_was_repeating(city: City):
    hazard = city.report()
    city.fast_forward(hours=14)  # the make-safe ladder is at its end and repeats every 4 h
    repeating = city.timers(hazard)["control"]
    assert (repeating.level, repeating.cycle > 0) == (3, True)

    def longer(file: dict[str, Any]) -> None:
        rungs = file["ladders"]["unsafe"]
        rungs.insert(3, {**rungs[2], "after": "3 h", "tell": ["city_officer"]})

    newer = changed(longer)
    release(city, newer)
    move(city, hazard, newer).or_raise()

    moved = city.timers(hazard)["control"]
    # rungs 0 to 3 have fired; the new last one, 4, is 4 h after the expiry and long due
    assert (moved.level, moved.cycle, moved.due_at < city.now) == (4, 0, True)
    city.fast_forward(minutes=1)
    assert city.firings(hazard, "control")[-1].level == 4


def test_a_state_that_changed_its_name_must_be_mapped(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    newer = changed(renamed("submitted", "checking"))
    release(city, newer)
    seq, timers = city.look(hazard).seq, city.timers(hazard)

    unmapped = move(city, hazard, newer)
    elsewhere = move(city, hazard, newer, names={"submitted": "verified"})

    assert refused(unmapped) == [("state", "no_counterpart")]
    assert refused(elsewhere) == [("state", "other_stage")]
    assert city.look(hazard).seq == seq
    assert {n: t.due_at for n, t in city.timers(hazard).items()} == {n: t.due_at for n, t in timers.items()}

    move(city, hazard, newer, names={"submitted": "checking"}).or_raise()

    assert city.look(hazard).state == "checking"
    assert city.timers(hazard)["verify"].expires_at == timers["verify"].expires_at
    city.verify(hazard)
    city.close(hazard)
    assert city.look(hazard).resolution == "rectified"


def test_evidence_brought_since_the_step_still_counts(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    newer = changed(stricter)
    release(city, newer)
    city.act("徐复查", hazard, "attach", evidence=[city.photo("PHOTO_AFTER", stage="verify")])

    move(city, hazard, newer).or_raise()

    city.verify(hazard, evidence=[])
    assert city.look(hazard).state == "verified"


def test_only_an_administrator_moves_hazards_and_says_why(city: City):
    hazard = city.report()
    newer = changed(stricter)
    release(city, newer)

    def by(actor: Actor) -> Outcome:
        return move(city, hazard, newer, actor=actor)

    for who in ("何安全", "陈处长", "system"):
        assert isinstance(by(city.actor(who)).error, NotAllowed)
    assert isinstance(by(replace(city.actor("钱管理"), may_write=False)).error, NotAllowed)
    assert refused(move(city, hazard, newer, reason=" ")) == [("reason", "required")]
    assert refused(move(city, hazard, newer, reason="长" * 501)) == [("reason", "too_long")]

    by(city.actor("钱管理")).or_raise()

    assert city.events(hazard)[-1].who == "钱管理"


def test_what_cannot_be_moved_is_said_clearly(city: City):
    closed = city.bring_to(city.report(), "closed")
    hazard = city.report()
    newer = changed(stricter)
    nowhere = replace(newer, version=newer.version + 7)
    other_level = replace(newer, version=newer.version + 1, applies_to={"level": "major"})
    release(city, newer, other_level)

    assert refused(move(city, closed, newer)) == [("state", "already_closed")]
    assert refused(move(city, hazard, nowhere)) == [("to_version", "unknown_version")]
    assert refused(move(city, hazard, other_level)) == [("to_version", "other_level")]
    move(city, hazard, newer).or_raise()
    assert refused(move(city, hazard, newer)) == [("to_version", "already_there")]


def test_nothing_is_left_without_a_deadline(city: City):
    """A rule whose instant this hazard never got would leave it silent; it stays where it is."""
    hazard = city.bring_to(city.report(), "submitted")
    city.control(hazard)
    newer = changed()
    submitted = newer.states["submitted"]
    waits = {"verify": replace(submitted.timers["verify"], within=None, at="never_set")}
    silent = replace(newer, states={**newer.states, "submitted": replace(submitted, timers=waits)})
    release(city, silent)

    assert refused(move(city, hazard, silent)) == [("state", "no_deadline")]
    assert city.timers(hazard)["verify"].level <= 0


def test_the_same_request_twice_moves_once(city: City):
    hazard = city.report()
    newer = changed(stricter)
    release(city, newer)

    first = move(city, hazard, newer, key="again")
    second = move(city, hazard, newer, key="again")

    assert second.replayed
    assert first.event is not None
    assert second.event is not None
    assert first.event.seq == second.event.seq == city.look(hazard).seq
    assert isinstance(move(city, hazard, newer, key="again", reason="别的理由").error, HazardFlowError)


def test_the_timeline_tells_it_in_both_languages(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    newer = changed(renamed("submitted", "checking"))
    release(city, newer)
    move(city, hazard, newer, names={"submitted": "checking"}, reason="统一执行新版").or_raise()

    with city.database.reading(SYSTEM) as session:
        stored = session.get_one(Hazard, hazard.id)
        from hazard_flow.hazards.queries import events

        past = [
            Past.of(seq=e.seq, at=e.at, type=e.type, action=e.action, actor=e.actor, body=e.body)
            for e in events(session, stored)
        ]
        rules = rules_of(session)
        zh, en = (timeline(Words(rules, locale), stored, past, {})[0] for locale in ("zh", "en"))
    v1 = newer.version - 1
    assert zh.title == f"办理流程由 general.v{v1} 改为 general.v{newer.version}，已用时间连续计算"
    assert en.title == f"Moved from general.v{v1} to general.v{newer.version}; time already passed counts"
    assert (zh.actor, en.actor) == ("系统管理员（命令行）", "Administrator (command line)")
    assert zh.details == ("所处状态：“待复查”对应为“待复查”", "理由：统一执行新版")
    assert not zh.is_step


def test_refusals_are_told_in_both_languages(city: City):
    from hazard_flow.web.sentences import field_sentence
    from tests.harness.founding import ZONE

    hazard = city.bring_to(city.report(), "submitted")
    newer = changed(renamed("submitted", "checking"))
    release(city, newer)
    error = move(city, hazard, newer).error
    assert isinstance(error, Refused)
    for locale, words in (("zh", "--map submitted=…"), ("en", "--map submitted=…")):
        assert words in field_sentence(error.fields[0], locale, ZONE)


@pytest.mark.parametrize("state", ["reported", "assigned", "rectifying", "submitted", "verified"])
def test_from_every_state_nothing_is_lost_by_moving_to_the_same_rules(city: City, state: str):
    """A version that changes nothing but its number changes no deadline, no rung, no colour."""
    hazard = city.report() if state == "reported" else city.bring_to(city.report(), state)
    city.fast_forward(days=6, hours=5)
    before = {
        n: (t.level, t.cycle, t.due_at, t.expires_at, t.started_at, t.rule)
        for n, t in city.timers(hazard).items()
    }
    colour = city.look(hazard).colour
    newer = changed()
    release(city, newer)

    move(city, hazard, newer).or_raise()

    after = {
        n: (t.level, t.cycle, t.due_at, t.expires_at, t.started_at, t.rule)
        for n, t in city.timers(hazard).items()
    }
    assert after == before
    assert city.look(hazard).colour == colour
