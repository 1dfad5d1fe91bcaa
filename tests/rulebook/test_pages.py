"""The pages of the rules: what they say is what the files say, numbers open into their lists, and each sees their own."""

import html
import io
import re
from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards.models import HazardEvent
from hazard_flow.rulebook import trial
from hazard_flow.schedule.models import Outbox, Timer
from tests.harness.city import City
from tests.harness.versions import changed, changed_text, release, stricter
from tests.rulebook.desk import Desk, words

LINK = re.compile(r'<a href="(/hazards\?[^"]+)" aria-label="([^"]+)"')
NUMBER = re.compile(r"YH-\d{6}-\d{8}-\d{4,}")


def links(answer: Any) -> dict[str, str]:
    """What each number of the drawing says → where it leads."""
    return {html.unescape(label): html.unescape(href) for href, label in LINK.findall(answer.text)}


class TestTheDrawnWorkflow:
    def test_each_number_opens_into_exactly_its_hazards(self, city: City, desk: Desk):
        reported = {city.report().number for _ in range(2)}
        submitted = {city.bring_to(city.report(), "submitted").number}
        city.bring_to(city.report(), "closed")

        found = links(desk.get("何安全", "/help/workflows/general"))

        assert set(found) == {
            "待定级交办：在办 2 件，查看清单",
            "待签收：在办 0 件，查看清单",
            "整改中：在办 0 件，查看清单",
            "监管部门受理中：在办 0 件，查看清单",
            "受阻挂起：在办 0 件，查看清单",
            "当场整改待确认：在办 0 件，查看清单",
            "待复查：在办 1 件，查看清单",
            "待销号：在办 0 件，查看清单",
        }
        for label, expected in (
            ("待定级交办：在办 2 件，查看清单", reported),
            ("待复查：在办 1 件，查看清单", submitted),
        ):
            listed = desk.get("何安全", found[label])
            assert set(NUMBER.findall(listed.text)) == expected
            assert "一般隐患闭环 v" in words(listed)

    def test_the_numbers_are_those_of_the_reader(self, city: City, desk: Desk):
        city.report()
        city.report(by="孙巡检")

        counts = {
            who: next(iter(links(desk.get(who, "/help/workflows/general"))))
            for who in ("何安全", "陈处长", "马安全")
        }

        assert [label.split("在办 ")[1].split(" ")[0] for label in counts.values()] == ["1", "2", "1"]

    def test_somebody_who_sees_no_hazards_reads_the_rules_without_numbers(self, city: City, desk: Desk):
        city.report()

        answer = desk.get("钱管理", "/help/workflows/general")

        assert answer.status_code == 200
        assert links(answer) == {}
        assert "您的岗位不查看隐患" in words(answer)

    def test_a_stranger_signs_in_first(self, desk: Desk):
        for path in ("/help/workflows", "/help/workflows/general", "/workflows", "/workflows/replay"):
            answer = desk.client.get(path)
            assert (answer.status_code, answer.location.startswith("/sign-in")) == (303, True)

    def test_the_tables_say_what_the_file_says(self, desk: Desk):
        said = words(desk.get("何安全", "/help/workflows/general"))

        for sentence in (
            "待定级交办 上报 安全总监 定级交办时限 A 4 小时；B 1 天；C 2 天 用时过半 idle",
            "进展填报时限 每 A 3 天；B 7 天；C 14 天",
            "从发现时间起算，到采取临时管控、待销号、已销号为止 管控时限 A 30 分钟；B 24 小时；C 72 小时",
            "销号 待销号 → 已销号 销号审批人 另有选填 1 项",
            "升为重大 各在办状态 → 重大隐患闭环",
            "3 逾期 3 个工作日 安全总监 黄色预警 站内消息、短信或邮件 1 个工作日内未签收即报上一级",
            "5 逾期 15 个工作日 最高监管部门 红色督办 站内消息、短信或邮件 每 5 个工作日重复，直到有人办理",
            "整改后照片 1 份、整改前照片逐张对应",
        ):
            assert sentence in said.replace("  ", " "), sentence

    def test_every_arrow_is_told_in_a_sentence(self, desk: Desk):
        said = words(desk.get("何安全", "/help/workflows/general"))

        assert "待定级交办，定级交办，转入待签收" in said
        assert "待销号，[复查后再次报警] / 核查退回，转入整改中" in said

    def test_mermaid_can_be_copied(self, desk: Desk):
        answer = desk.get("何安全", "/help/workflows/general")

        assert 'data-copy="stateDiagram-v2' in answer.text

    def test_an_older_version_is_shown_while_hazards_run_under_it(self, city: City, desk: Desk):
        old = city.report()
        newer = changed(stricter)
        release(city, newer)

        newest = desk.get("何安全", "/help/workflows/general")
        older = desk.get("何安全", f"/help/workflows/general?version={newer.version - 1}")

        assert "A 2 小时；B 1 天；C 2 天" in words(newest)
        assert f"一般隐患闭环 v{newer.version - 1} 1" in words(newest)
        assert "A 4 小时；B 1 天；C 2 天" in words(older)
        (label,) = (one for one in links(older) if "在办 1 件" in one)
        assert old.number in desk.get("何安全", links(older)[label]).text

    def test_what_is_not_there_is_not_found(self, desk: Desk):
        for path in ("nothing", "general?version=99", "general?version=x", "general?version=1e3"):
            assert desk.get("何安全", f"/help/workflows/{path}").status_code == 404

    def test_the_index_and_the_manual_lead_there(self, desk: Desk):
        assert 'href="/help/workflows/general"' in desk.get("何安全", "/help/workflows").text
        assert 'href="/help/workflows"' in desk.get("何安全", "/help/").text


class TestVersions:
    def test_versions_release_and_what_runs_under_each(self, city: City, desk: Desk):
        city.report()
        city.report(by="孙巡检")
        newer = changed(stricter)
        release(city, newer)
        city.report()

        said = words(desk.get("何安全", "/workflows"))

        assert f"{newer.id} 新上报适用 未发布 1" in said
        assert f"general.v{newer.version - 1} 未发布 1" in said
        assert "1 件在办隐患仍按旧版办理" in said
        assert f"hazard-flow workflow migrate general --to {newer.version} --dry-run" in said

    def test_an_administrator_is_told_the_number_of_the_own_organisation_only(self, city: City, desk: Desk):
        city.report()
        city.report(by="孙巡检")

        answer = desk.get("钱管理", "/workflows")

        assert re.search(r"general\.v\d+ 新上报适用 未发布 1 ", words(answer))
        assert NUMBER.findall(answer.text) == []

    def test_who_may_look(self, desk: Desk):
        expected = {"李巡检": 403, "王班长": 403, "赵经理": 403, "韩总": 200, "唐监管": 200}

        assert {who: desk.get(who, "/workflows").status_code for who in expected} == expected


class TestReplay:
    def ask(self, desk: Desk, who: str = "何安全", text: bytes | str | None = None, **fields: Any) -> Any:
        content = changed_text(stricter) if text is None else text
        given = {"since": "2026-11-01", "until": "", **fields}
        return desk.send(
            who, "/workflows/replay", text=content if isinstance(content, str) else content.decode(), **given
        )

    def test_what_would_have_been_different(self, city: City, desk: Desk):
        """Worked out by hand in test_replay: three firings earlier, by 1 h, 2 h and 31 h."""
        hazard = city.report()
        city.control(hazard)
        city.fast_forward(days=4)

        answer = self.ask(desk)
        said = words(answer)

        assert answer.status_code == 200
        assert "草稿十二条规则均已论证" in said
        assert "提前 3 中位 2 小时" in said
        assert "定级交办时限 第 1 级 11-02 13:00 11-02 11:00 何安全 提前 2 小时" in said
        assert "定级交办时限 第 2 级 11-04 00:00 11-02 17:00 何安全、韩总 提前 1 天 7 小时" in said
        assert "另有 1 次提醒的时间或对象有变化" in said
        assert "按当时的规则重走，4 次实际触发全部重现" in said
        assert hazard.number in answer.text
        assert '<svg class="weeks"' in answer.text

    def test_a_file_may_be_sent_instead(self, city: City, desk: Desk):
        city.report()
        city.fast_forward(days=1)

        answer = self.ask(desk, text="", file=(io.BytesIO(changed_text(stricter)), "draft.yaml"))

        assert answer.status_code == 200
        assert "试算结果" in words(answer)

    def test_nothing_is_written(self, city: City, desk: Desk):
        city.report()
        city.fast_forward(days=2)

        def rows() -> tuple[int, ...]:
            return tuple(
                len(city.all(sa.select(column))) for column in (HazardEvent.hash, Timer.id, Outbox.id)
            )

        before = rows()
        assert self.ask(desk).status_code == 200
        assert rows() == before

    def test_a_refused_draft_shows_line_rule_and_mend(self, city: City, desk: Desk):
        source = changed_text().decode().replace("to: closed", "to: nowhere")
        line = next(n for n, text in enumerate(source.splitlines(), 1) if "to: nowhere" in text)

        answer = self.ask(desk, text=source.replace("\n", "\r\n"))
        said = words(answer)

        assert answer.status_code == 422
        assert f"第 {line} 行" in said
        assert "规则 10：有不认识或未使用的词" in said
        assert "to: nowhere" in answer.text
        assert "to: nowhere" in answer.text.split("<textarea")[1]  # what was typed is still there

    def test_what_cannot_be_read_is_said_and_not_a_fault_of_ours(self, desk: Desk):
        for text in ("a: [", "x", "- 1", "workflow: general"):
            assert self.ask(desk, text=text).status_code == 422
        answer = self.ask(desk, text="", file=(io.BytesIO(b"\xff\xfe\x00"), "draft.yaml"))
        assert answer.status_code == 422
        assert "UTF-8" in words(answer)
        bomb = "a: " + "[" * 5000
        assert self.ask(desk, text=bomb).status_code == 422
        assert self.ask(desk, text="x: " + "y" * 300_000).status_code == 422

    def test_a_wrong_question_is_answered_with_how_to_mend_it(self, desk: Desk):
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"text": ""}, "请粘贴或上传流程文件"),
            ({"since": "1 November"}, "日期应写作"),
            ({"since": "0001-01-01"}, "日期应写作"),
            ({"since": "2026-11-09", "until": "2026-11-02"}, "起始日须早于"),
            ({"since": "2024-01-01"}, "最多试算 366 天"),
        ]
        for fields, said in wrong:
            answer = self.ask(desk, **fields)
            assert (answer.status_code, said in words(answer)) == (422, True), said

    def test_more_than_a_page_can_walk_is_said(self, city: City, desk: Desk, monkeypatch):
        monkeypatch.setattr(trial, "HAZARDS_MAX", 2)
        for _ in range(3):
            city.report()
        city.fast_forward(hours=5)

        assert "共有 3 件，网页一次最多试算最新的 2 件" in words(self.ask(desk))

    def test_each_tries_on_the_hazards_of_their_own(self, city: City, desk: Desk):
        own, other = city.report(), city.report(by="孙巡检")
        city.fast_forward(days=1)

        answer = self.ask(desk)

        assert own.number in answer.text
        assert other.number not in answer.text
        assert "这段时间内没有您管辖的隐患" in words(self.ask(desk, "钱管理"))

    def test_who_may_try(self, desk: Desk):
        expected = {"李巡检": 403, "韩总": 403, "陈处长": 403, "何安全": 200, "钱管理": 200}

        assert {who: desk.get(who, "/workflows/replay").status_code for who in expected} == expected
        assert {who: self.ask(desk, who).status_code for who in expected} == expected

    def test_a_file_in_force_to_begin_with(self, desk: Desk):
        answer = desk.get("何安全", "/workflows/replay?from=general.v1")
        assert "workflow: general" in answer.text
        for name in ("../secrets", "general.v99", "fields", ""):
            assert "workflow: " not in desk.get("何安全", f"/workflows/replay?from={name}").text

    def test_the_number_it_needs_before_a_release_is_said(self, city: City, desk: Desk):
        city.report()
        v1 = changed().version - 1

        said = words(self.ask(desk, text=changed_text(stricter, version=v1)))

        assert f"发布前须把 version 改为 {v1 + 1}" in said


def test_lists_filter_by_state_and_workflow(city: City, desk: Desk):
    reported, major = city.report(), city.report("管线上方违章建筑占压", major=True)
    v = reported.workflow_version

    def numbers(query: str) -> set[str]:
        return set(NUMBER.findall(desk.get("何安全", f"/hazards?{query}").text))

    assert numbers("workflow=major") == {major.number}
    assert numbers(f"workflow=general.v{v}&state=reported") == {reported.number}
    assert numbers(f"workflow=general.v{v + 1}") == set()
    assert numbers("state=closed") == set()
    for wrong in ("state=No%20State", "workflow=general.v0", "workflow=general.vx", "workflow=../x"):
        assert desk.get("何安全", f"/hazards?{wrong}").status_code == 400
    api = desk.get("何安全", "/api/v1/hazards?workflow=major&state=reported").json
    assert [one["number"] for one in api["items"]] == [major.number]
    kept = desk.get("何安全", "/hazards?workflow=major&state=reported&open=1").text
    for name, value in (("workflow", "major"), ("open", "1")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in kept
    assert '<option value="reported" selected>' in kept
