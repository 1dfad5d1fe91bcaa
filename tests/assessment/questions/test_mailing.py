"""Answers are sent when due: once, in the receiver's own scope and language, until somebody says no longer."""

import pytest

from hazard_flow.assessment.questions import mailing, operations
from hazard_flow.errors import NotFound, Refused
from hazard_flow.identity.models import Person
from hazard_flow.notifications.wording import page_of, word
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.scope import SYSTEM
from tests.assessment.questions.asking import have_sent, save
from tests.harness.city import City
from tests.harness.founding import ZONE
from tests.harness.together import together


def send(city: City) -> int:
    return mailing.send_due(city.database, city.clock, ZONE)


def told(city: City, who: str) -> list[list[str]]:
    """The tables somebody was sent, oldest first."""
    rows = city._messages(Outbox.person_id == city.person(who))
    return [m.params["table"] for m in rows if m.template == mailing.TEMPLATE]


def morning(city: City) -> None:
    """It is the next morning at seven, and a little."""
    at = city.now.astimezone(ZONE).replace(hour=7, minute=1)
    days = 0 if at > city.now else 1
    city.outage(seconds=(at - city.now).total_seconds() + 86_400 * days)


def test_it_is_sent_on_its_day_and_once(city: City):
    city.report()
    question = save(city, "各阶段", groups=("stage",))
    have_sent(city, question)
    assert send(city) == 0, "it is nine in the morning: the next seven o'clock is tomorrow's"
    morning(city)
    assert send(city) == 1
    assert send(city) == 0
    [table] = told(city, "何安全")
    assert table[0].startswith("阶段 | 数量 | 未办结")
    assert table[1].startswith("上报 | 1 | 1")
    assert table[-1].startswith("合计 | 1 | 1")
    morning(city)
    assert send(city) == 1


def test_two_workers_at_once_send_one(city: City):
    have_sent(city, save(city))
    morning(city)
    assert sorted(together(2, lambda _: send(city))) == [0, 1]
    assert len(told(city, "何安全")) == 1


def test_a_worker_that_died_before_writing_has_sent_nothing_and_another_sends_it(
    city: City, monkeypatch: pytest.MonkeyPatch
):
    have_sent(city, save(city))
    morning(city)

    def die(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(mailing, "enqueue", die)
        with pytest.raises(RuntimeError, match="power cut"):
            send(city)
    assert told(city, "何安全") == []
    assert send(city) == 1
    assert len(told(city, "何安全")) == 1


def test_days_on_which_nothing_ran_are_not_made_up_for(city: City):
    have_sent(city, save(city))
    for _ in range(3):
        morning(city)
    assert send(city) == 1
    assert send(city) == 0


def test_each_receiver_is_sent_what_the_receiver_may_see(city: City):
    city.report()
    city.report(by="郑巡检")
    question = save(city, groups=("stage",), shared=True)
    have_sent(city, question)
    have_sent(city, question, to="郑巡检")
    morning(city)
    assert send(city) == 2
    assert told(city, "何安全")[0][-1].startswith("合计 | 2")
    assert told(city, "郑巡检")[0][-1].startswith("合计 | 1")


def test_it_speaks_the_receivers_language(city: City):
    with city.database.transaction(SYSTEM) as session:
        session.get_one(Person, city.person("何安全")).locale = "en"
    city.report()
    have_sent(city, save(city, "Stages", groups=("stage",)))
    morning(city)
    send(city)
    [table] = told(city, "何安全")
    assert table[0].startswith("Stage | Count | Open")
    said = word("question", {"title": "Stages", "table": table}, "en", rules=None, zone=ZONE, now=city.now)
    assert said.subject == "Regular report: Stages"
    assert said.lines[0] == table[0]
    assert page_of("question", {"href": "/questions/1"}) == "/questions/1"


def test_who_has_left_is_sent_nothing(city: City):
    question = save(city, shared=True)
    have_sent(city, question, to="郑巡检")
    with city.database.transaction(SYSTEM) as session:
        session.get_one(Person, city.person("郑巡检")).active = False
    morning(city)
    assert send(city) == 0
    assert told(city, "郑巡检") == []


def test_a_question_no_longer_shared_or_kept_is_sent_to_nobody_else(city: City):
    question = save(city, shared=True)
    have_sent(city, question, to="郑巡检")
    have_sent(city, question)
    actor = city.actor("何安全")
    given = operations.Given("各班组逾期", {}, is_shared=False)
    with city.database.transaction(actor.scope) as session:
        operations.change(session, actor=actor, question_id=question.id, given=given, now=city.now)
    morning(city)
    assert send(city) == 1
    assert told(city, "郑巡检") == []
    with city.database.transaction(actor.scope) as session:
        operations.end(session, actor=actor, question_id=question.id, now=city.now)
    morning(city)
    assert send(city) == 0


def test_whoever_is_sent_it_says_no_longer(city: City):
    question = save(city, shared=True)
    mail = have_sent(city, question, to="郑巡检")
    for stranger in ("李巡检", "唐监管"):
        with pytest.raises(NotFound), city.database.transaction(city.actor(stranger).scope) as session:
            operations.unsubscribe(session, actor=city.actor(stranger), mail_id=mail.id, now=city.now)
    with city.database.transaction(city.actor("郑巡检").scope) as session:
        operations.unsubscribe(session, actor=city.actor("郑巡检"), mail_id=mail.id, now=city.now)
    morning(city)
    assert send(city) == 0
    have_sent(city, question, to="郑巡检")
    assert send(city) == 0, "set up again it waits for the next morning"
    morning(city)
    assert send(city) == 1


def test_a_monthly_one_waits_for_the_first(city: City):
    mail = have_sent(city, save(city), "monthly")
    assert mail.due_at.astimezone(ZONE).isoformat()[:16] == "2026-12-01T07:00"
    own = have_sent(city, save(city), "own", rule="freq=weekly;byday=th")
    assert own.due_at.astimezone(ZONE).isoformat()[:16] == "2026-11-05T07:00"


def test_wrong_schedules_are_refused_with_every_field(city: City):
    private, shared = save(city), save(city, shared=True)
    for often, rule, to, question, wrong in (
        ("hourly", "", "李巡检", private, {("often", "unknown_choice"), ("person", "only_shared_questions")}),
        ("own", "FREQ=HOURLY", "孙巡检", shared, {("rule", "not_a_rule"), ("person", "not_a_person")}),
        ("own", "", None, shared, {("rule", "not_a_rule")}),
    ):
        with pytest.raises(Refused) as refused:
            have_sent(city, question, often, rule=rule, to=to)
        assert {(one.field, one.code) for one in refused.value.fields} == wrong
    with pytest.raises(Refused):
        have_sent(city, shared, by="李巡检", to="郑巡检")
    with pytest.raises(NotFound):
        have_sent(city, private, by="韩总")
