"""A request that is sent again has happened once; a key that comes with another content is refused."""

import dataclasses

import pytest

from hazard_flow.errors import KeyReused, Refused
from hazard_flow.hazards.changes import Outcome
from tests.harness.city import City
from tests.harness.together import together


def test_a_hundred_times_the_same_act_is_one_event(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    answers = [city.accept(hazard, by="王班长", key="tablet-7") for _ in range(100)]

    assert [answer.replayed for answer in answers] == [False] + [True] * 99
    assert {answer.event.seq for answer in answers} == {3}
    assert city.actions(hazard) == ["report", "assign", "accept"]


def test_a_hundred_times_at_once_is_one_event_too(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    answers = together(10, lambda _: [city.accept(hazard, by="王班长", key="tablet-7") for _ in range(10)])

    flat = [one for many in answers for one in (many if isinstance(many, list) else [many])]
    assert [one for one in flat if not isinstance(one, Outcome)] == []
    assert sorted(one.replayed for one in flat) == [False] + [True] * 99
    assert city.actions(hazard) == ["report", "assign", "accept"]


def test_the_same_report_sent_by_many_hands_opens_one_hazard(city: City):
    photo = city.photo()

    answers = together(
        8, lambda _: city.outcome_of_report("阀井内有漏气声", by="李巡检", key="r-1", evidence=[photo])
    )

    assert {getattr(answer, "hazard", answer).number for answer in answers} == {city.hazards()[0].number}
    assert sum(not answer.replayed for answer in answers) == 1
    assert len(city.hazards()) == 1


def test_two_people_may_choose_the_same_key(city: City):
    city.report(by="李巡检", key="1")
    city.report(by="王班长", key="1")

    assert len(city.hazards()) == 2


def test_a_key_with_another_content_is_refused_and_still_answers_the_first(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.act("王班长", hazard, "progress", key="k", percent=20, note="备件已到")

    with pytest.raises(KeyReused):
        city.act("王班长", hazard, "progress", key="k", percent=80, note="备件已到")

    assert city.act("王班长", hazard, "progress", key="k", percent=20, note="备件已到").replayed


def test_a_reused_key_in_a_committed_batch_still_answers_the_first(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    first = city.change("王班长", hazard, "progress", key="k", percent=20, note="备件已到")
    city.apply([first])

    [refused] = city.apply([dataclasses.replace(first, data={"percent": 80, "note": "备件已到"})])
    [again] = city.apply([first])

    assert isinstance(refused.error, KeyReused)
    assert again.replayed
    assert city.actions(hazard).count("progress") == 1


def test_one_key_for_two_requests_of_one_batch_refuses_the_second(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    first = city.change("王班长", hazard, "progress", key="k", percent=20, note="备件已到")
    other = dataclasses.replace(first, data={"percent": 80, "note": "备件已到"})

    one, two, three = city.apply([first, other, first])

    assert (one.error, one.replayed) == (None, False)
    assert isinstance(two.error, KeyReused)
    assert three.replayed
    assert city.look(hazard).details["percent"] == 20


def test_the_key_of_a_refused_request_serves_the_mended_one(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises(Refused):
        city.act("王班长", hazard, "progress", key="k", percent=120, note="备件已到")

    assert not city.act("王班长", hazard, "progress", key="k", percent=20, note="备件已到").replayed
