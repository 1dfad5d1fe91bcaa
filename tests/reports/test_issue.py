"""A closed hazard gets its file, once, without anybody asking; it says what the events say."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa

from hazard_flow.audits import gathering
from hazard_flow.reports import queries
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.models import Document
from hazard_flow.reports.record import BrokenChain, check_chain
from hazard_flow.reports.verifying.exhibits import check_files
from hazard_flow.reports.worker import Press
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City, city, place
from tests.harness.declaring import arrive, declared
from tests.harness.ledger import sealer

__all__ = ["city", "place"]


@pytest.fixture
def issuer(city: City, press: Press) -> Issuer:
    return Issuer(
        city.database, city.store, press, public_url="https://gas.example.org/", sealer=sealer(city.database)
    )


def _documents(city: City) -> list[Document]:
    with city.database.reading(SYSTEM) as session:
        found = list(
            session.scalars(
                sa.select(Document)
                .where(Document.kind == queries.CLOSURE)
                .order_by(Document.issued_at, Document.version)
            )
        )
        session.expunge_all()
        return found


def _text(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_closed_hazard_gets_its_file_once(city: City, issuer: Issuer) -> None:
    open_one = city.report("调压箱异响", by="李巡检")
    closed = city.bring_to(
        city.report("阀井内有燃气味，读数偏高", by="李巡检", leak_reading="18", leak_unit="pct_lel"), "closed"
    )

    assert (
        issuer.drain(city.now) == 3
    )  # the slip that came with the assignment, in two languages, and the closure file
    assert issuer.drain(city.now) == 0

    (document,) = _documents(city)
    assert (document.subject_id, document.version, document.sealed) == (closed.id, 1, False)
    pdf = city.store.get(document.sha256, area="document")
    assert len(pdf) == document.size
    text = _text(pdf)
    for words in (
        "阀井内有燃气味",
        "18 %LEL",
        "王班长",
        "徐复查",
        "孟安全",
        "复查合格",
        "（恒川）燃安通〔2026〕1号",
        "未签章",
        city.look(closed).number,
    ):
        assert words in text
    assert city.look(open_one).number not in text

    record = json.loads(pypdf.PdfReader(io.BytesIO(pdf)).attachments["record.json"][0])
    stored = [event.body for event in city.events(closed)]
    assert record["events"] == [json.loads(body) for body in stored]
    assert record["head"] == check_chain(stored)[0]
    assert record["hazard"]["number"] == document.number
    assert {e["sha256"] for e in record["evidence"]} == {
        e["sha256"] for event in record["events"] for e in event["data"].get("evidence", [])
    }
    assert document.name.startswith(document.record_sha256[:24])


def test_issuing_again_makes_version_two_and_overwrites_nothing(city: City, issuer: Issuer) -> None:
    closed = city.bring_to(city.report(), "closed")
    issuer.drain(city.now)
    assert issuer.issue(queries.Wanted(closed.id), city.now) is not None
    first, second = _documents(city)
    assert (first.version, second.version) == (1, 2)
    assert first.sha256 != second.sha256
    assert first.record_sha256 == second.record_sha256
    assert hashlib.sha256(city.store.get(first.sha256, area="document")).hexdigest() == first.sha256
    with city.database.reading(SYSTEM) as session:
        newest = queries.newest(session, closed.id)
        assert newest is not None
        assert newest.version == 2
        assert queries.by_name(session, first.name) is not None


def test_a_long_story_is_told_whole(city: City, issuer: Issuer) -> None:
    hazard = city.report("中压管线占压，违章建筑", by="李巡检", major=True)
    city.fast_forward(days=5)
    city.bring_to(hazard, "closed")
    papers = [event for event in city.events(hazard) if "issues" in event.data]
    assert papers
    made = 0
    while now_made := issuer.drain(city.now):
        made += now_made
    assert made == 2 * len(papers) + 1
    text = _text(city.store.get(_documents(city)[0].sha256, area="document"))
    assert "重大隐患" in text
    for event in city.events(hazard):
        assert hashlib.sha256(b"\x00" + event.body).hexdigest()[:16] in text


def test_a_dismissed_alarm_without_photos_has_a_file_too(city: City, issuer: Issuer) -> None:
    (outcome,) = city.apply([city.alarm_report()])
    hazard = outcome.or_raise().hazard
    assert hazard is not None
    city.act(
        "何安全",
        hazard,
        "dismiss",
        reason="探测器标定气误触发，现场复核无泄漏",
        leak_reading="0",
        leak_unit="pct_lel",
    )
    assert issuer.drain(city.now) == 1
    text = _text(city.store.get(_documents(city)[0].sha256, area="document"))
    assert "不予认定" in text
    assert "未经此阶段" in text


def test_a_broken_chain_gets_no_file_and_does_not_stop_the_others(
    city: City, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = city.bring_to(city.report("第一处阀井漏气"), "closed")
    whole = city.bring_to(city.report("第二处阀井漏气"), "closed")
    real = check_chain

    def tampered(events: list[bytes]) -> object:
        if json.loads(events[0])["hazard"] == city.look(broken).number:
            raise BrokenChain("event 2 does not follow the one before it")
        return real(events)

    monkeypatch.setattr("hazard_flow.reports.record.check_chain", tampered)
    assert issuer.drain(city.now) == 5  # two slips in two languages, and the file of the whole one
    assert [d.subject_id for d in _documents(city)] == [whole.id]
    city.clock.advance(queries.LATE_AFTER * 2)
    with city.database.reading(SYSTEM) as session:
        assert queries.overdue(session, city.now).zh == "有 1 件已销号隐患还没有销号档案"


def test_what_was_never_received_is_said_in_record_and_file(
    city: City, issuer: Issuer, tmp_path: Path
) -> None:
    lost, sent = declared(city, name="沉没.jpg"), declared(city, name="传回.jpg")
    hazard = city.bring_to(city.report(evidence=[lost.item, sent.item]), "submitted")
    arrive(city, hazard, sent)
    city.act("赵经理", hazard, "write_off_evidence", reason="平板坠入阀井损坏，数据无法恢复")
    city.verify(hazard)
    city.close(hazard)

    issuer.drain(city.now)

    (document,) = _documents(city)
    pdf = city.store.get(document.sha256, area="document")
    record = json.loads(pypdf.PdfReader(io.BytesIO(pdf)).attachments["record.json"][0])
    received = {e["sha256"]: e.get("received", True) for e in record["evidence"]}
    assert received[lost.item.sha256] is False
    assert received[sent.item.sha256] is True
    text = _text(pdf)
    assert "未能收到" in text
    assert "平板坠入阀井损坏" in text
    folder = [finding.code for finding in check_files(record["evidence"], _folder(city, record, tmp_path))]
    assert "file_never_received" in folder
    assert "file_missing" not in folder
    with city.database.reading(SYSTEM) as session:
        whole = gathering.whole(session, city.look(hazard), city.now, store=city.store)
    assert whole.missing == ()


def _folder(city: City, record: dict[str, Any], folder: Path) -> Path:
    """The files of a record as somebody takes them out of the house."""
    for one in record["evidence"]:
        if one.get("received", True):
            (folder / one["sha256"]).write_bytes(city.store.get(one["sha256"]))
    return folder
