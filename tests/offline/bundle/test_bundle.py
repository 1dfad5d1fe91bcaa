"""What a tablet takes with it: all of one person's work, whole, in both languages, and nothing of anybody else's."""

import gzip
import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.assets.operations import add_asset
from hazard_flow.hazards.rules import amend_rules
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.offline.bundle import queries
from hazard_flow.offline.bundle.building import build, etag
from hazard_flow.offline.bundle.resources import Bundle
from hazard_flow.storage.json_text import sorted_bytes
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import ANPING, HENGCHUAN
from tests.harness.city import City


def bundle_of(city: City, name: str):
    actor = city.actor(name)
    with city.database.reading(actor.scope) as session:
        return build(session, actor, now=city.now, emergency_phone="119")


def task(city: City, name: str, number: str):
    return next(one for one in bundle_of(city, name)["tasks"] if one["number"] == number)


def action(found, key: str):
    return next(one for one in found["allowed_actions"] if one["action"] == key)


def place_assets(city: City, count: int, enterprise: str = HENGCHUAN) -> None:
    with city.database.transaction(SYSTEM) as session:
        owner = session.get_one(Organisation, city.founded.units[enterprise])
        for number in range(count):
            add_asset(
                session,
                organisation=owner,
                code=f"W-{number:05d}",
                kind="valve_well",
                label=Label(zh=f"{number}号阀井", en=f"Well {number}"),
                lon=118.7 + number / 100_000,
                lat=32.0,
                now=city.now,
            )


def test_it_is_what_the_description_of_the_api_says(city: City):
    city.bring_to(city.report("阀井漏气，读数偏高"), "submitted")
    place_assets(city, 3)

    for name in ("李巡检", "王班长", "何安全", "唐监管"):
        made = bundle_of(city, name)
        read = Bundle.model_validate_json(sorted_bytes(made))
        assert [one.number for one in read.tasks] == [one["number"] for one in made["tasks"]]


def test_whoever_re_checks_can_do_it_without_a_network(city: City):
    hazard = city.bring_to(city.report("阀井漏气，读数偏高"), "submitted")

    found = task(city, "徐复查", hazard.number)

    assert found["state_name"] == {"zh": "待复查", "en": "Awaiting re-check"}
    assert found["version"] == hazard.seq
    said = {fact["label"]["en"]: fact["value"] for fact in found["facts"]}
    assert said["Description"] == {"zh": "阀井漏气，读数偏高", "en": "阀井漏气，读数偏高"}
    assert said["Responsible person"]["zh"] == "王班长"
    assert {photo["kind"] for photo in found["photos"]} == {"PHOTO_BEFORE", "PHOTO_AFTER"}
    before, after = (
        next(p for p in found["photos"] if p["kind"] == kind) for kind in ("PHOTO_BEFORE", "PHOTO_AFTER")
    )
    assert after["pair_of"] in (None, before["sha256"])
    verify = action(found, "pass")
    needs = {need["field"]: need for need in verify["needs"]}
    assert needs["remote_reason"]["when"] == ["on_site", False]
    assert "confirmed" not in needs["on_site"], "a question, not a promise"
    assert needs["opinion"]["required"]
    assert [slot["kind"] for slot in verify["evidence"]] == ["PHOTO_AFTER"]
    assert verify["evidence"][0]["needed"] == 1
    assert "fail" in {one["action"] for one in found["allowed_actions"]}


def test_the_one_who_mends_is_shown_which_photo_to_answer(city: City):
    hazard = city.bring_to(city.report("阀井漏气，读数偏高"), "rectifying")

    found = task(city, "王班长", hazard.number)

    [photo] = found["photos"]
    slot = action(found, "submit")["evidence"][0]
    assert slot["pair_with"] == [photo["sha256"]]
    assert photo["display_url"] == f"/evidence/{hazard.number}/{_display(city, hazard)}/display"


def test_what_is_not_open_says_why_in_both_languages(city: City):
    hazard = city.bring_to(city.report("占压管线样本", major=True), "rectifying")

    found = task(city, "王班长", hazard.number)

    refused = {one["action"]: one["because"] for one in found["refused"]}
    assert refused["submit"]
    for reasons in refused.values():
        for one in reasons:
            assert one["zh"]
            assert one["en"]
            assert one["zh"] != one["en"]


def test_people_are_named_once_and_forms_point_at_them(city: City):
    hazard = city.report("阀井漏气，读数偏高")

    bundle = bundle_of(city, "何安全")

    found = next(one for one in bundle["tasks"] if one["number"] == hazard.number)
    needs = {need["field"]: need for need in action(found, "assign")["needs"]}
    assert str(city.person("王班长")) in needs["responsible"]["people"]
    assert bundle["people"][str(city.person("王班长"))] == {
        "name": "王班长",
        "roles": {"zh": "班组长", "en": "Team leader"},
    }
    assert needs["due_at"]["latest_at"] > city.now.isoformat()
    assert set(needs["responsible"]["people"]) <= bundle["people"].keys()


def test_reporting_is_there_before_any_hazard_and_only_for_whoever_may(city: City):
    inspector, closer = bundle_of(city, "李巡检"), bundle_of(city, "韩总")

    report = inspector["forms"]["report"]
    assert inspector["me"]["may_report"]
    assert report["evidence"] == [
        {
            "kind": "PHOTO_BEFORE",
            "label": {"zh": "整改前照片", "en": "Photo before"},
            "needed": 1,
            "is_photo": True,
        }
    ]
    needs = {need["field"]: need for need in report["needs"]}
    assert needs["found_at"] == {
        "field": "found_at",
        "required": False,
        "default": "now",
        "latest": "now",
    }
    assert inspector["fields"]["leak_reading"]["unit_field"] == "leak_unit"
    assert "report_protected" in inspector["forms"]
    assert (closer["me"]["may_report"], closer["forms"]) == (False, {})


def test_the_catalogue_is_that_of_the_person_s_place_with_its_marks(city: City):
    rows = {row["code"]: row for row in bundle_of(city, "李巡检")["catalogue"]}

    assert len(rows) > 100
    assert {row["mark"] for row in rows.values()} <= {"V", "P", "M"}
    well = next(row for row in rows.values() if row["area"] == "valve_well")
    assert well["family"] == "VLV"
    assert well["title"]["zh"] != well["title"]["en"]
    assert rows.keys() == rows_for(city, "990102").keys()


def test_nothing_of_another_enterprise_is_carried(city: City):
    ours = city.bring_to(city.report("恒川阀井漏气甲"), "submitted")
    place_assets(city, 2)

    theirs = json.dumps(bundle_of(city, "孙巡检"), ensure_ascii=False)

    assert ours.number not in theirs
    assert "恒川" not in theirs
    assert "W-0000" not in theirs
    assert "王班长" not in theirs
    assert str(city.founded.units[HENGCHUAN]) not in theirs


def test_a_team_carries_its_own_and_the_parts_it_holds_not_the_next_team_s(city: City):
    hazard = city.bring_to(city.report("一班的阀井漏气", by="李巡检"), "rectifying")

    assert hazard.number in {one["number"] for one in bundle_of(city, "李巡检")["tasks"]}
    other = json.dumps(bundle_of(city, "郑巡检"), ensure_ascii=False)
    assert hazard.number not in other


def test_who_reported_in_confidence_is_not_told_to_a_tablet(city: City):
    hazard = city.report_protected("班长不处理的漏气")

    text = json.dumps(task(city, "唐监管", hazard.number)["facts"], ensure_ascii=False)
    assert "李巡检" not in text
    assert "受保护的上报人" in text
    assert hazard.number not in json.dumps(bundle_of(city, "何安全"), ensure_ascii=False)


def test_the_number_of_statements_does_not_grow_with_the_work(city: City):
    asked: list[str] = []
    sa.event.listen(city.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    city.bring_to(city.report("第1处漏气"), "rectifying")
    asked.clear()
    bundle_of(city, "王班长")
    few = len(asked)
    for number in range(2, 8):
        city.bring_to(city.report(f"第{number}处漏气"), "rectifying")
    place_assets(city, 40)

    asked.clear()
    found = bundle_of(city, "王班长")

    assert len(found["tasks"]) == 7
    assert len(found["assets"]) > 40
    assert len(asked) == few


def test_what_does_not_fit_is_counted(city: City, monkeypatch: pytest.MonkeyPatch):
    for number in range(3):
        city.bring_to(city.report(f"第{number}处漏气"), "rectifying")
    founded = len(bundle_of(city, "王班长")["assets"])
    place_assets(city, 3)
    for name in ("TASKS_MAX", "NEARBY_MAX", "ASSETS_MAX"):
        monkeypatch.setattr(queries, name, 2)

    found = bundle_of(city, "王班长")

    assert [len(found[name]) for name in ("tasks", "nearby", "assets")] == [2, 2, 2]
    assert found["cut"] == {"tasks": 1, "nearby": 1, "assets": founded + 1}


def test_one_hazard_under_unknown_rules_keeps_no_other_from_the_tablet(city: City):
    known, other = city.report("阀井漏气，读数偏高"), city.household()

    whole = []

    def without(rules):
        whole.append(rules)
        return replace(rules, workflows={k: v for k, v in rules.workflows.items() if k[0] != other.workflow})

    assert other.workflow != known.workflow
    amend_rules(city.database.info, without)
    try:
        found = bundle_of(city, "何安全")
    finally:
        amend_rules(city.database.info, lambda _: whole[0])

    assert [one["number"] for one in found["tasks"]] == [known.number]
    assert found["cut"]["tasks"] == 1


def test_the_tag_stands_while_nothing_changes_and_moves_when_something_does(city: City):
    hazard = city.bring_to(city.report("阀井漏气，读数偏高"), "assigned")
    before = etag(bundle_of(city, "王班长"))

    city.clock.advance(timedelta(minutes=5))
    assert etag(bundle_of(city, "王班长")) == before
    city.accept(hazard)

    assert etag(bundle_of(city, "王班长")) != before


def test_a_city_s_worth_of_assets_stays_small(city: City):
    place_assets(city, 2_000, ANPING)

    packed = gzip.compress(sorted_bytes(bundle_of(city, "孙巡检")), 5)

    assert len(packed) < 200_000


def rows_for(city: City, division: str):
    from hazard_flow.hazards import listed
    from hazard_flow.hazards.rules import rules_of

    with city.database.reading(SYSTEM) as session:
        return listed.rows_for(rules_of(session), division=division, now=city.now)


def _display(city: City, hazard):
    from hazard_flow.hazards.queries import evidence

    with city.database.reading(SYSTEM) as session:
        return evidence(session, hazard)[0].display_sha256
