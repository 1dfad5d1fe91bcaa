"""The twenty points, each on hazards lived through the city: one the machine finds in order, one it finds wanting."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from hazard_flow.audits.dossier import Dossier, Flag, Proven
from hazard_flow.audits.finding import Finding
from hazard_flow.audits.gathering import whole
from hazard_flow.audits.judging import JUDGES, prejudge
from hazard_flow.audits.rules import audit_rules
from hazard_flow.audits.seams import Seams
from hazard_flow.catalogue.rows import load
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.models import Document
from hazard_flow.reports.queries import CLOSURE
from hazard_flow.reports.worker import Press
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from tests.harness import local_rules
from tests.harness.city import City
from tests.harness.ledger import sealer

#: where the valve well of the stories stands, and a place eleven hundred metres away
HERE = {"lon": "119.4", "lat": "32.4", "crs": "WGS84"}
AWAY = {"lon": "119.4", "lat": "32.41", "crs": "WGS84"}


class Story(NamedTuple):
    """What happened in the city, and what the machine must say of one point."""

    point: str
    result: str
    live: Callable[[City], Hazard]
    #: words of the reason, in Chinese
    words: str


def dossier_of(city: City, hazard: Hazard, *, seams: Seams | None = None, store: bool = True) -> Dossier:
    """The record as an officer of the city reads it."""
    with city.database.reading(city.actor("陈处长").scope) as session:
        found = session.get_one(Hazard, hazard.id)
        return whole(session, found, city.now, seams=seams, store=city.store if store else None)


def finding(city: City, hazard: Hazard, point: str, **given: Any) -> Finding:
    """What the machine says of one point."""
    return next(one for one in prejudge(dossier_of(city, hazard, **given)) if one.point == point)


# how the hazards were lived


def ordinary(city: City, *, assign: dict[str, Any] | None = None, **submit: Any) -> Hazard:
    """Reported, assigned, mended, re-checked and closed as usual but for what is said."""
    hazard = city.report()
    city.assign(hazard, **(assign or {}))
    city.accept(hazard)
    city.fast_forward(hours=3)
    city.submit(hazard, **submit)
    city.fast_forward(hours=1)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def as_listed(city: City, **report: Any) -> Hazard:
    """The catalogue's own row, urgency and time."""
    hazard = city.report(catalogue_code="VLV-G03", **report)
    city.assign(hazard, urgency="A", due_at=city.day(1))
    city.accept(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def major(city: City, **submit: Any) -> Hazard:
    """A major, the ordinary way."""
    hazard = city.report(major=True)
    city.assign(hazard)
    city.accept(hazard)
    city.report_regulator(hazard)
    city.report_staff(hazard)
    city.notify_staff(hazard)
    city.approve_plan(hazard)
    city.sign_completion(hazard)
    city.submit(hazard, **submit)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def controlled(city: City, *, lift_early: bool) -> Hazard:
    hazard = city.report(catalogue_code="VLV-G03")
    city.control(hazard)
    city.assign(hazard)
    city.accept(hazard)
    if lift_early:
        city.lift_control(hazard)
    city.submit(hazard)
    city.verify(hazard)
    if not lift_early:
        city.lift_control(hazard)
    city.close(hazard)
    return hazard


def photographed(city: City, *, late: bool = True, reused: bool = False) -> Hazard:
    """Before and after at the same place; the after-photo later, or said to be earlier."""
    hazard = city.report(evidence=[at_place(city.photo())])
    city.assign(hazard)
    city.accept(hazard)
    before = city.evidence(hazard)[0]
    city.fast_forward(hours=2)
    shot = city.photo("PHOTO_AFTER", stage="rectify", pair_of=before.sha256)
    if not late:
        shot = replace(shot, captured_at=before.received_at.replace(hour=0))
    city.submit(hazard, evidence=[at_place(shot)])
    city.verify(hazard)
    city.close(hazard)
    return hazard


def at_place(item: EvidenceItem) -> EvidenceItem:
    return replace(item, lon=Decimal("119.4"), lat=Decimal("32.4"), crs="WGS-84")


def measured(city: City, reading: str) -> Hazard:
    """Gas was measured again after the repair, by a calibrated instrument."""
    hazard = city.report(leak_reading="18", leak_unit="pct_lel", instrument_number="XP-3110")
    city.assign(hazard)
    city.accept(hazard)
    city.submit(
        hazard, evidence=[*city.after_photos(hazard), city.photo("CALIBRATION_CERT", stage="rectify")],
        leak_reading=reading, leak_unit="pct_lel", instrument_number="XP-3110",
    )  # fmt: skip
    city.verify(hazard)
    city.close(hazard)
    return hazard


def rechecked(city: City, where: dict[str, str]) -> Hazard:
    hazard = city.report(**HERE)
    city.assign(hazard)
    city.accept(hazard)
    city.submit(hazard)
    city.verify(hazard, **where)
    city.close(hazard)
    return hazard


def suspended(city: City, *, report: bool) -> Hazard:
    """The regulator ordered a major's enterprise to stop."""
    hazard = city.report(major=True)
    city.assign(hazard, clause=["MGT-M01"])
    city.record_penalty(hazard, penalty_kind="suspension")
    city.accept(hazard)
    if report:
        city.act("赵经理", hazard, "attach", evidence=[city.photo("ACCEPT_REPORT", stage="rectify")])
    return _finish_major(city, hazard)


def reported_late(city: City) -> Hazard:
    hazard = city.report(major=True)
    city.assign(hazard)
    city.accept(hazard)
    city.fast_forward(days=2)
    return _finish_major(city, hazard)


def _finish_major(city: City, hazard: Hazard) -> Hazard:
    city.report_regulator(hazard)
    city.report_staff(hazard)
    city.notify_staff(hazard)
    city.approve_plan(hazard)
    city.sign_completion(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def funded(city: City) -> Hazard:
    """A major with the account book of what was spent."""
    hazard = city.report(major=True)
    city.assign(hazard)
    city.accept(hazard)
    city.act("赵经理", hazard, "attach", evidence=[city.photo("LEDGER", stage="rectify")])
    return _finish_major(city, hazard)


def ignored(city: City) -> Hazard:
    """Nobody classified it for weeks; at last somebody did."""
    hazard = city.report()
    city.fast_forward(days=40)
    city.assign(hazard)
    city.accept(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def answered_at_once(city: City) -> Hazard:
    """The first notice of a colour is answered the same hour."""
    hazard = city.report()
    for _ in range(60):
        city.fast_forward(hours=6)
        if any(e.data.get("colour") for e in city.events(hazard, "timer.escalated")):
            break
    city.acknowledge(hazard, by="何安全")
    city.assign(hazard)
    city.accept(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def at_user(city: City, *, told: bool) -> Hazard:
    """Found at a user's."""
    if not told:
        hazard = city.report(source="household_check")
        return city.bring_to(hazard, "closed")
    hazard = city.household()
    city.serve_notice(hazard)
    return hazard


def transferred(city: City, *, in_time: bool) -> Hazard:
    city.hire("方执法", "城东区燃气管理局", "enforcement")
    hazard = city.report()
    city.assign(hazard)
    city.accept(hazard)
    city.request_transfer(hazard)
    if not in_time:
        city.fast_forward(days=9)
    city.accept_transfer(hazard, by="方执法")
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def under_a_units_name(city: City) -> Hazard:
    """The team has an account of its own, and the work is given to it."""
    city.hire("运行二班", "运行二班", "team_leader")
    hazard = city.report()
    city.assign(hazard, responsible=str(city.person("运行二班")))
    city.accept(hazard)
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def not_yet_accepted(city: City) -> Hazard:
    hazard = city.report()
    city.assign(hazard)
    return hazard


def submitted_late(city: City) -> Hazard:
    hazard = city.report()
    city.assign(hazard)
    city.accept(hazard)
    city.fast_forward(days=12)
    city.submit(hazard)
    city.verify(hazard)
    city.close(hazard)
    return hazard


def finished_before_it_began(city: City) -> Hazard:
    """The form says it was finished on the day before it was accepted."""
    hazard = city.report()
    city.fast_forward(hours=5)
    city.assign(hazard)
    city.accept(hazard)
    city.submit(hazard, completed_at=hazard.reported_at.isoformat())
    city.verify(hazard)
    city.close(hazard)
    return hazard


def worded_like_a_major(city: City) -> Hazard:
    hazard = city.report("巡查发现中压及以上地下燃气管线保护范围内建有占压管线的建筑物")
    return city.bring_to(hazard, "closed")


def out_of_the_list(city: City) -> Hazard:
    """Reported by a row of the city's own list, which ended before anybody classified it."""
    row = next(csv.DictReader(io.StringIO(local_rules.CATALOGUE.removeprefix("\ufeff")))) | {
        "valid_to": "2026-11-03"
    }
    report = local_rules.enter_catalogue(city.database, local_rules.as_csv(row))
    assert report.faults == ()
    hazard = city.report(catalogue_code="PIP-G51")
    city.fast_forward(days=5)
    city.assign(hazard, basis=["云泽市补充判定标准 第 3 条"])
    return hazard


CAUSE = {"root_cause": "井盖铰链锈断，车辆碾压后移位", "prevention": "同批 7 座阀井已逐一检查，更换 2 副铰链"}
TALK = {
    "assign": {"measures": "加强安全教育培训，提高员工意识"},
    "measures_done": "已加强员工安全教育和日常管理",
}

STORIES = [
    Story("level", "pass", as_listed, "与目录一致"),
    Story("level", "fail", worded_like_a_major, "与全国判定标准"),
    Story("basis", "pass", as_listed, "当日有效"),
    Story("basis", "fail", out_of_the_list, "不在本地有效目录"),
    Story("notice", "pass", ordinary, "签收"),
    Story("notice", "fail", not_yet_accepted, "没有签收记录"),
    Story("deadline", "pass", as_listed, "按期完成"),
    Story("deadline", "fail", submitted_late, "到期后才申请复查"),
    Story("responsible", "pass", ordinary, "已落实到人"),
    Story("responsible", "fail", under_a_units_name, "不是具体人员"),
    Story("measures", "pass", lambda c: ordinary(c, **CAUSE), "措施具体"),
    Story("measures", "fail", lambda c: ordinary(c, **TALK), "没有具体措施"),
    Story("funds", "pass", funded, "有凭证"),
    Story("funds", "fail", lambda c: major(c, funds_used="0"), "实际为 0"),
    Story("control", "pass", lambda c: controlled(c, lift_early=False), "复查合格后解除"),
    Story("control", "fail", lambda c: controlled(c, lift_early=True), "复查合格前管控已全部解除"),
    Story("photos", "pass", photographed, "先后有序"),
    Story("photos", "fail", lambda c: photographed(c, late=False), "早于整改前"),
    Story("readings", "pass", lambda c: measured(c, "0"), "仪器在检定期"),
    Story("readings", "fail", lambda c: measured(c, "12"), "高于"),
    Story("recheck", "pass", lambda c: rechecked(c, HERE), "有到场定位"),
    Story("recheck", "fail", lambda c: rechecked(c, AWAY), "超过 200 米"),
    Story("recheck", "remark", lambda c: rechecked(c, AWAY | {"crs": "BD09"}), "定位"),
    Story("acceptance", "pass", lambda c: suspended(c, report=True), "有验收"),
    Story("acceptance", "fail", lambda c: suspended(c, report=False), "没有验收"),
    Story("reports", "pass", major, "报告及时"),
    Story("reports", "fail", reported_late, "超时"),
    Story("dates", "pass", ordinary, "先后一致"),
    Story("dates", "fail", finished_before_it_began, "早于"),
    Story("escalations", "pass", answered_at_once, "均有应答"),
    Story("escalations", "fail", ignored, "无人确认"),
    Story("cause", "pass", lambda c: ordinary(c, **CAUSE), "举一反三"),
    Story("cause", "fail", lambda c: ordinary(c, root_cause=CAUSE["root_cause"]), "举一反三"),
    Story("user", "pass", lambda c: at_user(c, told=True), "书面告知"),
    Story("user", "fail", lambda c: at_user(c, told=False), "没有书面告知"),
    Story("transfer", "pass", lambda c: transferred(c, in_time=True), "已接收"),
    Story("transfer", "fail", lambda c: transferred(c, in_time=False), "逾期才答复"),
]


def test_every_point_has_a_story_of_both_kinds():
    told = {(story.point, story.result) for story in STORIES if story.result != "remark"}
    apart = {"integrity", "retention"}  # their stories stand below: they need the file and the store

    assert told == {(key, result) for key in set(JUDGES) - apart for result in ("pass", "fail")}
    assert list(JUDGES) == list(audit_rules().points)
    assert len(JUDGES) == 20


@pytest.mark.parametrize("story", STORIES, ids=lambda s: f"{s.point}-{s.result}")
def test_a_point_is_judged_by_what_was_lived(city: City, story: Story):
    found = finding(city, story.live(city), story.point)

    assert found.result == story.result, found
    assert story.words in found.reason.zh
    assert found.reason.en


# 19 and 20: the file and the store


def issued(city: City, press: Press) -> Hazard:
    """A closed hazard with its file."""
    hazard = ordinary(city)
    issuer = Issuer(
        city.database, city.store, press, public_url="https://gas.example.org", sealer=sealer(city.database)
    )
    assert issuer.drain(city.now) > 0
    return hazard


def seal(city: City, hazard: Hazard) -> None:
    """A second version of the file, which says that it bears a seal."""
    with city.database.transaction(SYSTEM) as session:
        file = sa.select(Document).where(Document.subject_id == hazard.id, Document.kind == CLOSURE)
        first = session.scalars(file).one()
        columns = {c.name: getattr(first, c.name) for c in Document.__table__.columns}
        session.add(
            Document(**columns | {"id": new_id(), "version": 2, "name": f"{first.name}2", "sealed": True})
        )


def verified_as(holds: bool, zh: str) -> Seams:
    return Seams(proof=lambda _session, _store, _document: Proven(holds, Label(zh=zh, en="seal")))


def test_an_unsealed_file_is_remarked_a_sealed_one_passes(city: City, press: Press):
    hazard = issued(city, press)
    unsealed = finding(city, hazard, "integrity")
    seal(city, hazard)
    sealed = finding(city, hazard, "integrity", seams=verified_as(True, "电子签章有效"))

    assert (unsealed.result, sealed.result) == ("remark", "pass")
    assert "未加盖电子签章" in unsealed.reason.zh
    assert "第 2 版档案已签章" in sealed.reason.zh


def test_a_seal_that_does_not_hold_fails(city: City, press: Press):
    hazard = issued(city, press)
    seal(city, hazard)

    found = finding(city, hazard, "integrity", seams=verified_as(False, "签章与内容不符"))

    assert (found.result, found.reason.zh) == ("fail", "签章与内容不符")


def test_a_file_not_made_yet_fails(city: City):
    assert finding(city, ordinary(city), "integrity").result == "fail"


@pytest.mark.parametrize("wrong", ["changed", "cut", "moved"])
def test_a_record_that_does_not_prove_itself_fails(city: City, wrong: str):
    dossier = dossier_of(city, ordinary(city))
    bodies = list(dossier.bodies)
    if wrong == "changed":
        bodies[2] = bodies[2].replace(b'"B"', b'"C"')
    elif wrong == "cut":
        bodies.pop()
    else:
        bodies[1], bodies[2] = bodies[2], bodies[1]
    assert bodies != list(dossier.bodies)

    [found] = [one for one in prejudge(replace(dossier, bodies=tuple(bodies))) if one.point == "integrity"]

    assert found.result == "fail"


def test_originals_in_the_store_and_a_period_set(city: City):
    found = finding(city, ordinary(city), "retention")

    assert found.result == "pass"
    assert "保存 3 年，至 2029 年" in found.reason.zh


def test_an_original_that_is_gone_fails(city: City):
    hazard = ordinary(city)
    [lost] = [piece.sha256 for piece in city.evidence(hazard) if piece.kind == "PHOTO_BEFORE"]
    city.store._objects.delete(f"original/{lost[:2]}/{lost[2:4]}/{lost}")  # as a thief of files would

    found = finding(city, hazard, "retention")

    assert found.result == "fail"
    assert "1 份佐证原件" in found.reason.zh


# what other features say


def test_flags_about_photographs_are_told_and_a_grave_one_fails(city: City):
    hazard = photographed(city)
    after = city.evidence(hazard)[1]

    def flagged(grave: bool) -> Seams:
        flag = Flag(
            after.sha256, Label(zh="与另一隐患的照片近似", en="Like a photo of another hazard"), grave
        )
        return Seams(flags=lambda _session, ids: {ids[0]: [flag]})

    doubt, false = (finding(city, hazard, "photos", seams=flagged(grave)) for grave in (False, True))

    assert (doubt.result, false.result) == ("remark", "fail")
    assert doubt.seqs == (after.event_seq,)


def test_a_photo_of_another_hazard_is_found_out(city: City):
    shot = city.photo("PHOTO_AFTER", stage="rectify")
    first, other = city.report("井盖过车时有异响"), city.report("人行道旁井盖缺失")
    city.act("何安全", first, "attach", evidence=[shot])
    city.act(
        "何安全", other, "attach", evidence=[shot], reuse_reason="两处井盖同批更换，共用一张合影说明情况"
    )

    found = finding(city, other, "photos")

    assert found.result == "fail"
    assert "完全相同" in found.reason.zh


def test_no_general_row_of_the_catalogue_is_taken_for_the_wording_of_a_major():
    pairs = {
        row.code: {row.title.zh[n : n + 2] for n in range(len(row.title.zh) - 1)} for row in load().values()
    }
    general = [row for row in load().values() if not row.is_major]
    majors = [row for row in load().values() if row.is_major]
    least = audit_rules().national_wording_percent

    alike = [
        (one.code, row.code)
        for one in general
        for row in majors
        if 100 * len(pairs[one.code] & pairs[row.code]) >= least * len(pairs[row.code])
    ]

    assert alike == []


def test_no_reason_names_a_person(city: City):
    """Reasons go into hashed events; names must stay erasable."""
    names = list(city._names.values())
    for live in (ordinary, major, under_a_units_name, lambda c: rechecked(c, AWAY)):
        told = " ".join(one.reason.zh + one.reason.en for one in prejudge(dossier_of(city, live(city))))
        assert [name for name in names if name in told and not name.startswith("运行")] == []
