"""From the queue to the decision: who takes a file, what keeps a decision from being taken, what sending back does."""

import json

import pytest
import sqlalchemy as sa

from hazard_flow.audits import queries, views
from hazard_flow.audits.gathering import dossiers
from hazard_flow.audits.models import Audit, AuditEvent
from hazard_flow.audits.operations import AuditClosed, FileTaken, NotAuditable
from hazard_flow.audits.seams import Seams
from hazard_flow.errors import KeyReused, NotAllowed, NotFound, Refused, VersionConflict
from hazard_flow.hazards.models import Hazard
from hazard_flow.ledger.canonical import leaf_hash
from tests.audits.bench import POINTS, Bench
from tests.harness.inspecting import doubts, examine
from tests.harness.local_rules import enter_policy


def codes(refused: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {one.field: one.code for one in refused.value.fields}


# the queue


def test_the_riskiest_file_comes_first_then_the_one_that_waits_longest(bench: Bench):
    city = bench.city
    old = bench.closed("井盖缺失，行人易跌落")
    city.fast_forward(days=1)
    new = bench.closed("井盖松动，过车异响")
    grave = bench.closed("占压管线建筑未拆除", major=True)

    assert bench.queue("梁处长") == [grave.number, old.number, new.number]
    assert bench.queue(urgency="M") == [grave.number]
    assert bench.queue(q="松动") == [new.number]
    assert bench.queue("方监管") == []


def test_a_hazard_waits_only_once_its_file_is_made(bench: Bench):
    hazard = bench.city.bring_to(bench.city.report(), "closed")
    before = bench.queue()
    with pytest.raises(NotAuditable):
        bench.take(hazard)
    bench.issue(hazard)

    assert (before, bench.queue()) == ([], [hazard.number])


def test_a_dismissed_hazard_is_not_audited(bench: Bench):
    hazard = bench.city.report()
    bench.city.dismiss(hazard)
    bench.issue(hazard)

    assert bench.queue() == []


def test_a_rechecked_hazard_waits_where_policy_wants_it_audited_before(bench: Bench):
    hazard = bench.city.bring_to(bench.city.report(), "verified")
    before = bench.queue()
    enter_policy(
        bench.city.database,
        "key,division,value,valid_from,valid_to,source,confidence,withdrawn\n"
        "audit_before_closing,990102,general: yes; major: yes,2026-01-01,,城东区核查办法,V,\n",
    )

    assert (before, bench.queue()) == ([], [hazard.number])


def test_two_people_never_judge_one_file(bench: Bench):
    hazard = bench.closed()
    audit = bench.take(hazard)
    with pytest.raises(FileTaken):
        bench.take(hazard, by="陈处长")
    with pytest.raises(NotAllowed):
        bench.judge(audit, {"level": ("pass", "")}, by="陈处长")
    with pytest.raises(NotAllowed):
        bench.release(audit, by="陈处长")

    assert bench.take(hazard).id == audit.id
    assert bench.queue("陈处长", hands="others") == [hazard.number]
    assert bench.queue("陈处长", hands="free") == []


def test_a_file_left_lying_may_be_taken_by_others_after_three_days(bench: Bench):
    hazard = bench.closed()
    audit = bench.take(hazard)
    bench.city.fast_forward(days=3)
    bench.release(audit, by="陈处长")

    assert bench.take(hazard, by="陈处长").id != audit.id
    with pytest.raises(AuditClosed):
        bench.judge(audit, {"level": ("pass", "")})


def test_nobody_audits_their_own_work(bench: Bench):
    hazard = bench.closed("占压管线建筑未拆除", major=True)
    with pytest.raises(Refused) as refused:
        bench.take(hazard)

    assert codes(refused) == {"number": "audit_own_work"}


def test_the_queue_knows_beforehand_which_files_are_one_s_own_work(bench: Bench):
    own, others = bench.closed("占压管线建筑未拆除", major=True), bench.closed()

    actor = bench.city.actor("唐监管")
    with bench.city.database.reading(actor.scope) as session:
        rows = views.queue_rows(
            session,
            queries.queue(
                session, queries.Wanted(), me=actor.id, now=bench.city.now, cursor=None, limit=50
            ).items,
            actor=actor,
            now=bench.city.now,
            locale="zh",
            seams=Seams(),
        )

    assert {row.number: row.is_own_work for row in rows} == {own.number: True, others.number: False}


def test_out_of_scope_there_is_no_file(bench: Bench):
    hazard = bench.closed()
    audit = bench.take(hazard)

    with pytest.raises(NotFound):
        bench.take(hazard, by="方监管")
    with pytest.raises(NotFound):
        bench.judge(audit, {"level": ("pass", "")}, by="方监管")


def test_the_enterprise_takes_none(bench: Bench):
    with pytest.raises(NotAllowed):
        bench.take(bench.closed(), by="何安全")


# judging


def test_against_the_machine_and_for_a_failure_a_reason_is_needed(bench: Bench):
    audit = bench.take(bench.closed())
    with pytest.raises(Refused) as refused:
        bench.judge(audit, {"responsible": ("fail", ""), "cause": ("pass", "好"), "notice": ("pass", "")})
    judged = bench.judge(audit, {"cause": ("pass", "企业已补交原因分析报告"), "notice": ("pass", "")})

    assert codes(refused) == {"responsible": "override_needs_reason", "cause": "override_needs_reason"}
    assert judged.verdicts["cause"]["machine"] == "fail"
    assert judged.verdicts["cause"]["verdict"] == "pass"


def test_a_point_nobody_knows_and_a_version_seen_too_long_ago(bench: Bench):
    audit = bench.take(bench.closed())
    with pytest.raises(Refused) as refused:
        bench.judge(audit, {"weather": ("pass", "")})
    bench.judge(audit, {"notice": ("pass", "")}, version=1)
    with pytest.raises(VersionConflict):
        bench.judge(audit, {"notice": ("pass", "")}, version=1)

    assert codes(refused) == {"weather": "unknown_point"}


def test_the_same_request_again_is_one_effect(bench: Bench):
    audit = bench.take(bench.closed(), key="one")
    again = bench.take(bench.city.hazards()[0], key="one")
    bench.judge(audit, {"notice": ("pass", "")}, key="two")
    once = bench.judge(audit, {"notice": ("pass", "")}, key="two")
    with pytest.raises(KeyReused):
        bench.judge(audit, {"level": ("remark", "目录建议 A 级，已核实")}, key="two")

    assert again.id == audit.id
    assert once.seq == 2


# deciding


def test_every_point_needs_a_persons_word(bench: Bench):
    audit = bench.take(bench.closed())
    bench.judge(audit, {"notice": ("pass", "")})
    with pytest.raises(Refused) as refused:
        bench.decide(audit, "pass")

    assert codes(refused) == {key: "point_not_judged" for key in POINTS if key != "notice"}


def test_a_file_in_order_passes_and_leaves_the_queue(bench: Bench):
    hazard = bench.closed()
    audit = bench.take(hazard)
    before = bench.city.look(hazard).head
    bench.agree(audit)
    decided = bench.decide(audit, "pass", "材料齐全")

    assert (decided.state, decided.failed) == ("passed", 0)
    assert 50 <= (decided.score or 0) < 100
    assert bench.queue() == []
    assert bench.city.look(hazard).head == before  # a closed hazard's record has ended
    with pytest.raises(FileTaken):
        bench.take(hazard, by="陈处长")


def test_a_failed_point_keeps_it_from_passing_and_none_from_being_sent_back(bench: Bench):
    audit = bench.take(bench.closed())
    bench.agree(audit)
    with pytest.raises(Refused) as nothing:
        bench.decide(audit, "return", "请补充同类部位的排查结果")
    bench.judge(audit, {"photos": ("fail", "两张照片不是同一处")})
    with pytest.raises(Refused) as failing:
        bench.decide(audit, "pass")
    with pytest.raises(Refused) as silent:
        bench.decide(audit, "return", "不行")

    assert codes(nothing) == {"outcome": "nothing_fails"}
    assert codes(failing) == {"photos": "point_fails"}
    assert codes(silent) == {"opinion": "too_short"}


def test_a_closed_one_sent_back_opens_anew_linked_to_it(bench: Bench):
    city = bench.city
    hazard = bench.closed(asset="VW-1")
    audit = bench.take(hazard)
    bench.agree(audit, photos=("fail", "整改后照片不是这口井"))
    decided = bench.decide(audit, "return", "照片与现场不符，须重新整改")
    [opened] = [h for h in city.hazards() if h.reopen_of_id == hazard.id]

    assert decided.state == "returned"
    assert decided.reopened_id == opened.id
    assert (opened.stage, opened.source, opened.asset_id) == (
        "reported",
        "regulator_inspection",
        hazard.asset_id,
    )
    assert hazard.number in opened.description
    assert "照片与现场不符" in opened.description
    assert {e.sha256 for e in city.evidence(opened)} == {
        e.sha256 for e in city.evidence(hazard) if e.kind == "PHOTO_BEFORE"
    }
    assert city.events(opened)[0].data["audit"] == str(audit.id)
    assert city.look(hazard).closed_at is not None
    assert [m.who for m in city.told(opened)]


def test_nobody_is_blamed_for_the_photos_an_audit_brings_along(bench: Bench):
    closed = bench.closed()
    examine(bench.city)
    audit = bench.take(closed)
    bench.agree(audit, photos=("fail", "整改后照片不是这口井"))
    bench.decide(audit, "return", "照片与现场不符，须重新整改")
    (new,) = [one for one in bench.city.hazards() if one.reopen_of_id == closed.id]
    examine(bench.city)
    assert {piece.kind for piece in bench.city.evidence(new)} == {"PHOTO_BEFORE"}
    assert doubts(bench.city, new) == {}


def test_after_the_days_of_a_relapse_it_opens_all_the_same(bench: Bench):
    city = bench.city
    hazard = bench.closed()
    city.fast_forward(days=200)
    audit = bench.take(hazard)
    bench.agree(audit, photos=("fail", "整改后照片不是这口井"))
    decided = bench.decide(audit, "return", "照片与现场不符，须重新整改")
    opened = next(h for h in city.hazards() if h.id == decided.reopened_id)

    assert opened.reopen_of_id is None
    assert hazard.number in opened.description


def test_a_major_sent_back_opens_as_a_major(bench: Bench):
    hazard = bench.closed("占压管线建筑未拆除", major=True)
    bench.city.hire("秦处长", "云泽市燃气管理局", "city_officer")
    audit = bench.take(hazard, by="秦处长")
    bench.agree(audit, by="秦处长", control=("fail", "整改期间没有看护"))
    decided = bench.decide(audit, "return", "管控缺失，须重新整改", by="秦处长")
    opened = next(h for h in bench.city.hazards() if h.id == decided.reopened_id)

    assert (opened.level, opened.workflow) == ("major", "major")


def test_a_rechecked_one_sent_back_returns_to_work(bench: Bench):
    city = bench.city
    hazard = city.bring_to(city.report(), "verified")
    enter_policy(
        city.database,
        "key,division,value,valid_from,valid_to,source,confidence,withdrawn\n"
        "audit_before_closing,990102,general: yes; major: yes,2026-01-01,,城东区核查办法,V,\n",
    )
    audit = bench.take(hazard)
    bench.agree(audit, cause=("fail", "没有分析原因"))
    bench.decide(audit, "return", "请补充原因分析和同类排查")
    stands, last = city.look(hazard), city.events(hazard)[-1]

    assert (stands.stage, stands.state) == ("rectifying", "rectifying")
    assert (last.action, last.who, last.data["fields"]["reason"]) == (
        "send_back", "唐监管", "请补充原因分析和同类排查",
    )  # fmt: skip
    assert last.data["audit"] == str(audit.id)


def test_what_the_door_refuses_leaves_the_audit_undecided(bench: Bench):
    """A provincial officer audits, but the workflow does not let them send a re-checked hazard back."""
    city = bench.city
    hazard = city.bring_to(city.report(), "verified")
    city.hire("省监管", "云泽市燃气管理局", "provincial_officer")
    enter_policy(
        city.database,
        "key,division,value,valid_from,valid_to,source,confidence,withdrawn\n"
        "audit_before_closing,990102,general: yes; major: yes,2026-01-01,,城东区核查办法,V,\n",
    )
    audit = bench.take(hazard, by="省监管")
    bench.agree(audit, by="省监管", cause=("fail", "没有分析原因"))
    with pytest.raises(NotAllowed):
        bench.decide(audit, "return", "请补充原因分析和同类排查", by="省监管")

    [stands] = city.all(sa.select(Audit))
    assert (stands.state, stands.decided_at) == ("open", None)
    assert city.look(hazard).stage == "verified"


# the audit's own record


def test_an_audit_is_a_chain_that_begins_at_the_record_it_judged(bench: Bench):
    hazard = bench.closed()
    audit = bench.take(hazard)
    bench.agree(audit)
    bench.decide(audit, "pass")
    events = bench.city.all(sa.select(AuditEvent).order_by(AuditEvent.seq))

    assert [e.type for e in events] == ["audit.taken", "audit.judged", "audit.decided"]
    assert events[0].prev == bench.city.look(hazard).head
    assert json.loads(events[0].body)["data"]["file"]["sha256"]
    assert all(leaf_hash(e.body) == e.hash for e in events)
    assert bench.broken_at(audit) is None


@pytest.mark.parametrize("column", ["body", "hash", "prev"])
def test_a_verdict_changed_afterwards_is_found_out(bench: Bench, column: str):
    audit = bench.take(bench.closed())
    bench.agree(audit)
    bench.decide(audit, "pass")
    engine = sa.create_engine(bench.city.owner_url)
    with engine.begin() as owner:
        if bench.city.on_postgres:
            owner.execute(sa.text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
            owner.execute(sa.text("ALTER TABLE audit_event DISABLE ROW LEVEL SECURITY"))
            owner.execute(sa.text("ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY"))
        else:
            owner.execute(sa.text("DROP TRIGGER audit_event_append_only_update"))
        table = AuditEvent.__table__
        [body] = owner.execute(sa.select(table.c.body).where(table.c.seq == 2)).scalars()
        other = (
            bytes(body).replace(b'"verdict":"pass"', b'"verdict":"fail"', 1)
            if column == "body"
            else b"\1" * 32
        )
        assert owner.execute(table.update().where(table.c.seq == 2).values({column: other})).rowcount == 1
    engine.dispose()

    assert bench.broken_at(audit) == 2
    bench.city.checks()


def test_the_database_refuses_to_change_what_happened(bench: Bench):
    bench.take(bench.closed())
    with (
        pytest.raises(sa.exc.DBAPIError),
        bench.city.database.transaction(bench.city.actor("唐监管").scope) as session,
    ):
        session.execute(sa.update(AuditEvent).values(type="audit.forged"))


def test_a_page_of_files_costs_as_many_questions_as_one(bench: Bench):
    """Each is prejudged as it is listed: set-based, or a long queue would be a slow one."""
    city, asked = bench.city, []
    hazards = [city.bring_to(city.report(f"第 {n} 处井盖松动异响"), "closed") for n in range(5)]
    sa.event.listen(city.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for some in (hazards[:1], hazards):
        with city.database.reading(city.actor("唐监管").scope) as session:
            rows = [session.get_one(Hazard, h.id) for h in some]
            before = len(asked)
            records = dossiers(session, rows, city.now)
            counts.append(len(asked) - before)
            assert len(records) == len(some)

    assert counts[0] == counts[1] <= 12
