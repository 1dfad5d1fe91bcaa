"""Made-up closure files, natural enough to judge a page by: a leaking valve well, a storm of 40 events, an alarm without photos."""

# ruff: noqa: E501 - a story is easier to read in one line

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import segno

from hazard_flow.i18n import Label
from hazard_flow.ledger.canonical import FIRST_PREV, canonical, leaf_hash
from hazard_flow.ledger.keys import SigningKey
from hazard_flow.reports.closure import (
    ClosureData,
    Control,
    Escalation,
    Exhibit,
    Fact,
    LogEntry,
    Matter,
    Measure,
    Opinion,
    Pair,
    Photo,
    Reading,
    Seal,
    StageReached,
    TimeLimit,
    pair_photos,
)  # fmt: skip
from hazard_flow.reports.record import Manifested, record
from hazard_flow.reports.seal.pades import signer_of
from hazard_flow.telemetry.alerts import Sample
from hazard_flow.telemetry.curve import Curve, draw
from hazard_flow.telemetry.rulefile import shipped_rules
from tests.reports.scenes import scene

NUMBER = "YH-370602-20261112-0007"
FOUND = datetime(2026, 11, 12, 1, 10, 5, tzinfo=UTC)
L = Label

STEPS: list[tuple[float, str, str, str, Label, str]] = [
    (0, "person", "赵敏", "巡线一班 安检员", L("上报", "Report"), "阀井内可闻到明显异味，便携检测仪读数 18 %LEL，法兰下方有结霜。"),
    (0.2, "person", "赵敏", "巡线一班 安检员", L("采取临时管控", "Start interim control"), "切断上游阀门，强制通风，设 10 m 警戒。"),
    (1.4, "person", "王强", "安全监察部 主任", L("定级交办", "Classify and assign"), "符合企业分级标准第 4.2 条，定为一般 A 级。"),
    (5.6, "timer", "系统", "", L("催办：逾期未签收", "Reminder: not accepted in time"), ""),
    (6.1, "person", "张伟", "维抢修中心 副主任", L("签收", "Accept"), ""),
    (30, "person", "张伟", "维抢修中心 副主任", L("进展填报", "Report progress"), "管段与法兰已到货，作业票已办理，计划 14 日夜间停气更换。"),
    (66.5, "person", "张伟", "维抢修中心 副主任", L("申请复查", "Submit for re-check"), "更换 DN100 法兰及缠绕垫片两副，重做三层 PE 防腐，24 h 保压合格。"),
    (90.3, "person", "李娜", "安全监察部 主管", L("复查不合格", "Fail the re-check"), "井盖锁具未恢复，防坠网缺一处挂钩。"),
    (112.0, "person", "张伟", "维抢修中心 副主任", L("申请复查", "Submit for re-check"), "锁具、防坠网已恢复并加装标识牌。"),
    (138.7, "person", "李娜", "安全监察部 主管", L("复查合格", "Pass the re-check"), "现场复测 0.0 %LEL，附属设施完好。"),
    (140.1, "person", "赵敏", "巡线一班 安检员", L("解除管控", "Lift interim control"), "恢复上游阀门，撤除警戒。"),
    (160.4, "person", "王强", "安全监察部 主任", L("销号", "Close"), "资料齐全，同意销号。"),
]  # fmt: skip
ENTERS = {1: "已上报", 3: "已交办", 5: "整改中", 10: "已复查", 12: "已销号"}
STAGE_WORDS = {
    "已上报": "Reported",
    "已交办": "Assigned",
    "整改中": "Rectifying",
    "已复查": "Verified",
    "已销号": "Closed",
}


class Case:
    """A closure with everything the renderer needs beside it."""

    def __init__(
        self,
        *,
        photos: int = 3,
        events: int = 12,
        long: bool = False,
        key: SigningKey | None = None,
        originals: Sequence[bytes] = (),
    ) -> None:
        """With a key the record carries a proof and a checkpoint signed by it, and the file names it as its signer.

        `originals` are evidence files of the first event beside the photos.
        """
        self.assets: list[tuple[str, bytes]] = []
        self.evidence: list[Manifested] = []
        pairs = pair_photos([photo for n in range(photos) for photo in self._photos(n)])
        self.evidence += [
            Manifested(hashlib.sha256(one).hexdigest(), len(one), "application/pdf", "report", 1)
            for one in originals
        ]
        self.events = _events(events, self.evidence)
        proven = _proven(self.events[-1], key) if key is not None else {}
        self.record = record(_facts(self.events), self.events, evidence=self.evidence, **proven)
        self.record_bytes = canonical(self.record)
        url = f"https://gas.example.org/verify/{NUMBER}-1"
        self.data = _closure(self, pairs, self._asset("image/png", _qr(url)), url)
        if key is not None:
            self.data = replace(self.data, sealed=True, signer=signer_of(key))
        if long:
            self.data = _lengthened(self.data)

    def arguments(self) -> dict[str, Any]:
        """What `Press.render` takes beside template and data."""
        from hazard_flow.reports.worker import Attachment

        sha256 = hashlib.sha256(self.record_bytes).hexdigest()
        return {
            "identifier": sha256,
            "created_at": self.data.closed_at,
            "zone": self.data.zone,
            "assets": self.assets,
            "attachments": [
                Attachment("record.json", "机器可读记录 Machine-readable record", self.record_bytes)
            ],
            "xmp": {"number": NUMBER, "recordSHA256": sha256},
        }

    def _asset(self, mime: str, data: bytes) -> str:
        self.assets.append((mime, data))
        return hashlib.sha256(data).hexdigest()

    def _photos(self, n: int) -> list[tuple[Photo, str | None]]:
        made = []
        for side, seq, hours in (("before", 1, 0.0), ("after", 7, 66.0)):
            picture = scene(n, repaired=side == "after", size=(960, 1280) if n == 4 else (1280, 960))
            asset = self._asset("image/jpeg", picture)
            sha256 = hashlib.sha256(b"original of " + picture).hexdigest()
            self.evidence.append(
                Manifested(
                    sha256, 4_067_278 + n * 3711, "image/jpeg", "report" if seq == 1 else "rectify", seq
                )
            )
            kind = L("整改前照片", "Photo before") if seq == 1 else L("整改后照片", "Photo after")
            at = FOUND + timedelta(hours=hours, minutes=n)
            partner = made[0][0].sha256 if made and n != 1 else None
            made.append(
                (
                    Photo(
                        asset,
                        sha256,
                        kind,
                        side,
                        at,
                        "exif" if n else "device",
                        "121.391283",
                        "37.539166",
                        "WGS-84",
                        seq,
                    ),
                    partner,
                )
            )
        return made


def _facts(events: list[bytes]) -> dict[str, Any]:
    first, last = (json.loads(body) for body in (events[0], events[-1]))
    return {
        "number": NUMBER,
        "level": "general",
        "title": "芝罘区环山路阀井 VW-1 法兰渗漏",
        "organisation": "滨海燃气有限公司",
        "place": "芝罘区环山路 118 号门前人行道",
        "reported_at": first["at"],
        "closed_at": last["at"],
        "stage": "closed",
    }


def _proven(last: bytes, key: SigningKey) -> dict[str, Any]:
    """The last event as the third of five leaves, under a checkpoint."""
    leaves = [hashlib.sha256(b"other %d" % n).digest() for n in range(4)]
    leaves.insert(2, leaf_hash(last))
    pair = [hashlib.sha256(b"\x01" + leaves[n] + leaves[n + 1]).digest() for n in (0, 2)]
    left = hashlib.sha256(b"\x01" + pair[0] + pair[1]).digest()
    root = hashlib.sha256(b"\x01" + left + leaves[4]).digest()
    bare = {
        "alg": key.alg,
        "at": "2026-11-19T00:00:00.000000Z",
        "key_id": key.key_id,
        "root": root.hex(),
        "size": 5,
    }
    return {
        "proof": {
            "leaf_index": 2,
            "tree_size": 5,
            "path": [one.hex() for one in (leaves[3], pair[0], leaves[4])],
        },
        "checkpoint": {**bare, "signature": key.sign(canonical(bare)).hex()},
    }


def _events(count: int, evidence: list[Manifested]) -> list[bytes]:
    stored: list[bytes] = []
    prev = FIRST_PREV
    for seq in range(1, count + 1):
        hours, by, _, _, what, comment = STEPS[(seq - 1) % len(STEPS)]
        at = FOUND + timedelta(hours=hours + 160 * ((seq - 1) // len(STEPS)))
        data = {"action": what.en, "comment": comment, "evidence": [
            {"sha256": one.sha256, "size": one.size, "mime": one.mime, "stage": one.stage} for one in evidence if one.event_seq == seq
        ]}  # fmt: skip
        if seq == count:
            data |= {"stage": "closed", "from_stage": "verified", "level": "general"}
        body = canonical({
            "v": 1, "hazard": NUMBER, "seq": seq, "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "actor": by,
            "type": "hazard.acted", "data": data, "prev": prev,
        })  # fmt: skip
        stored.append(body)
        prev = leaf_hash(body).hex()
    return stored


def _log(events: list[bytes]) -> tuple[LogEntry, ...]:
    entries = []
    for seq, stored in enumerate(events, start=1):
        hours, by, name, post, what, comment = STEPS[(seq - 1) % len(STEPS)]
        stage = ENTERS.get(seq)
        entries.append(LogEntry(
            seq=seq, at=FOUND + timedelta(hours=hours + 160 * ((seq - 1) // len(STEPS))), by=by,
            actor=L("系统", "System") if by == "timer" else name, post=post, what=what, comment=comment, hash=leaf_hash(stored).hex(),
            stage=L(stage, STAGE_WORDS[stage]) if stage else None, colour="yellow" if by == "timer" else None,
            evidence_count={1: 3, 7: 3}.get(seq, 0), offline_at=FOUND - timedelta(minutes=4) if seq == 1 else None,
        ))  # fmt: skip
    return tuple(entries)


def _closure(case: Case, pairs: tuple[Pair, ...], qr: str, url: str) -> ClosureData:
    log = _log(case.events)
    when = dict.fromkeys(range(1, 13), log[-1].at) | {entry.seq: entry.at for entry in log}
    closed = log[-1].at
    due = FOUND + timedelta(days=7)
    sha256 = hashlib.sha256(case.record_bytes).hexdigest()
    exhibits = [
        Exhibit(e.sha256, e.size, e.mime, f"IMG_{2041 + n}.jpg", L("整改前照片", "Photo before") if e.stage == "report" else L("整改后照片", "Photo after"),
                L("上报", "Report") if e.stage == "report" else L("整改", "Rectification"), when[1], e.event_seq)
        for n, e in enumerate(case.evidence)
    ]  # fmt: skip
    return ClosureData(
        number=NUMBER, document=f"{NUMBER}-1", version=1, sealed=False, verify_url=url, qr_asset=qr, zone="Asia/Shanghai",
        title="芝罘区环山路阀井 VW-1 法兰渗漏",
        description="阀井内法兰密封面渗漏，井内可燃气体 18 %LEL；距幼儿园围墙 14 m，井盖透气孔被落叶堵塞，存在聚集爆燃风险。",
        organisation=L("滨海燃气有限公司", "Binhai Gas Co., Ltd."),
        regulator=L("芝罘区住房和城乡建设局 燃气监管", "Zhifu District Housing and Construction Bureau · Gas Supervision"),
        level=L("一般", "General"), level_key="general", urgency="A",
        resolution=L("整改合格", "Rectified"), resolution_key="rectified",
        closed_at=closed, found_at=FOUND, due_at=due, original_due_at=due, completed_at=FOUND + timedelta(hours=112), colours=("yellow",),
        stages=tuple(
            StageReached(key, L(zh, en), when.get(seq), who)
            for key, zh, en, seq, who in (
                ("reported", "上报", "Reported", 1, "赵敏"), ("assigned", "交办", "Assigned", 3, "王强"),
                ("rectifying", "整改", "Rectifying", 5, "张伟"), ("verified", "复查", "Verified", 10, "李娜"), ("closed", "销号", "Closed", 12, "王强"))
        ),
        particulars=(
            Fact(L("隐患描述", "Description"), "阀井内法兰密封面渗漏，井内可燃气体 18 %LEL；距幼儿园围墙 14 m，井盖透气孔被落叶堵塞，存在聚集爆燃风险。", wide=True),
            Fact(L("隐患目录", "Catalogue"), "PIP-G07 阀井内阀门、法兰泄漏", L("企业隐患目录 2026 版", "Catalogue, 2026 edition")),
            Fact(L("判定依据", "Basis"), "GB 50028；CJJ 51-2016 第 4.3 条"),
            Fact(L("地点", "Place"), "芝罘区环山路 118 号门前人行道"),
            Fact(L("坐标", "Coordinates"), "121.391283, 37.539166", L("WGS-84，精度 4.5 m", "WGS-84, accuracy 4.5 m")),
            Fact(L("设施", "Asset"), "阀井 VW-1", L("中压 A，DN100，2009 年投用", "medium pressure A, DN100, in use since 2009")),
            Fact(L("风险点", "Risk point"), "环山路中压管线(黄)"),
            Fact(L("来源", "Source"), L("日常巡检", "Daily patrol"), L("平板离线上报", "reported offline from a tablet")),
            Fact(L("发现", "Found"), "赵敏　2026-11-12 09:10"),
            Fact(L("责任单位", "Enterprise"), L("滨海燃气有限公司", "Binhai Gas Co., Ltd."), "91370602MA3C0TEST5"),
            Fact(L("行政区划", "Division"), "烟台市芝罘区 370602"),
        ),
        pairs=pairs, others=(), no_photo_reason=L("由监测报警自动建单，现场以读数为证。", "Opened by an alarm; the readings are the proof."),
        assignment=(
            Fact(L("定级人", "Classified by"), "王强　安全监察部 主任"), Fact(L("定级时间", "At"), "2026-11-12 10:34"),
            Fact(L("整改责任人", "Responsible"), "张伟　维抢修中心 副主任"), Fact(L("复查人", "Verifier"), "李娜　安全监察部 主管"),
            Fact(L("整改期限", "Deadline"), "2026-11-19 24:00（含当日）"), Fact(L("通知书", "Notice"), "滨燃安〔2026〕第 118 号", L("11-12 15:16 签收", "accepted 11-12 15:16")),
            Fact(L("定级理由", "Reason"), "法兰渗漏，邻近人员密集场所，符合企业分级标准第 4.2 条一般 A 级。", wide=True),
        ),
        measures=(
            Measure(L("责任", "Responsibility"), "维抢修中心负总责，巡线一班配合监护", "张伟", when[3], when[5]),
            Measure(L("措施", "Measures"), "更换 DN100 法兰及缠绕垫片两副，重做三层 PE 防腐，24 h 保压；清理井盖透气孔", "张伟", due, when[7]),
            Measure(L("资金", "Funds"), "计划 18,600.00 元，实际 17,942.50 元(安全生产费用)", "陈静", due, when[7]),
            Measure(L("时限", "Time limit"), "7 日内完成并申请复查", "张伟", due, when[9]),
            Measure(L("预案", "Contingency"), "泄漏扩大时启动 III 级响应，疏散半径 50 m，联系幼儿园值班电话", "王强", when[3], when[2]),
        ),
        readings=(
            Reading("before", L("井内甲烷", "CH₄ in the well"), "18 %LEL", "XP-3110 No. 2207-41", FOUND, "赵敏"),
            Reading("after", L("井内甲烷", "CH₄ in the well"), "0.0 %LEL", "XP-3110 No. 2207-38", when[10], "李娜"),
        ),
        curve=_curve(),
        controls=(Control(L("切断通风警戒", "Isolate, ventilate, cordon"), when[2], "赵敏", when[11], "赵敏", "上游阀 V-0931 关闭，影响用户 46 户，已逐户告知。"),),
        log=log,
        conclusion=L("经现场复查，隐患已消除，读数低于限值，同意销号。", "Re-checked on site: the hazard is gone, readings are below the limit; closing approved."),
        recheck=(
            Fact(L("复查人", "Verifier"), "李娜　安全监察部 主管"), Fact(L("复查方式", "Manner"), L("现场复查", "On site"), L("距设施 6 m", "6 m from the asset")),
            Fact(L("复查意见", "Opinion"), "现场复测 0.0 %LEL，附属设施完好，资料齐全。", wide=True),
        ),
        cause=(
            Fact(L("直接原因", "Cause"), "法兰垫片老化，2009 年投用后未更换；井盖透气孔堵塞使泄漏聚集。", wide=True),
            Fact(L("举一反三", "Prevention"), "同批 14 座阀井已排查，更换垫片 3 处；透气孔清理列入月度巡检表。", wide=True),
        ),
        escalations=(Escalation(when[4], "yellow", L("逾期未签收，第 2 级", "Not accepted in time, level 2"), 2, "张伟、王强", when[5], "张伟"),),
        matters=(Matter(L("复查不合格", "Failed re-check"), when[8], "李娜", "井盖锁具未恢复，防坠网缺一处挂钩。", L("重新整改后合格", "passed after further work")),),
        not_arisen=(L("延期", "extension"), L("受阻挂起", "suspension"), L("移送", "transfer"), L("挂牌督办", "listing"), L("停气", "gas stop")),
        opinions=(
            Opinion(L("整改责任人", "Responsible"), "张伟", "整改完成，24 h 保压合格。", when[9], 9, "维抢修中心"),
            Opinion(L("复查人", "Verifier"), "李娜", "现场复查合格。", when[10], 10, "安全监察部"),
            Opinion(L("销号审批", "Closed by"), "王强", "资料齐全，同意销号。", closed, 12, "安全监察部"),
        ),
        limits=(
            TimeLimit(L("临时管控", "Interim control"), FOUND, FOUND + timedelta(minutes=30), when[2]),
            TimeLimit(L("定级", "Classification"), when[1], FOUND + timedelta(hours=4), when[3]),
            TimeLimit(L("签收", "Acceptance"), when[3], when[3] + timedelta(hours=4), when[5]),
            TimeLimit(L("整改", "Rectification"), when[3], due, when[9], due),
            TimeLimit(L("复查", "Re-check"), when[9], when[9] + timedelta(days=3), when[10]),
            TimeLimit(L("销号", "Closing"), when[10], when[10] + timedelta(days=2), closed),
        ),
        exhibits=tuple(exhibits),
        seal=Seal("record.json", len(case.record_bytes), sha256, case.record["head"], len(case.events)),
    )  # fmt: skip


def _curve() -> Curve | None:
    """What two detectors said: one rises through both limits, its neighbour follows and falls silent."""
    rules = shipped_rules()
    values = [2.0, 3, 5, 9, 14, 19, 24, 27, 33, 41, 52, 58, 61, 57, 49, 40, 31, 26, 21, 17]
    first = [Sample(FOUND + timedelta(minutes=3 * n - 25), f"a{n}", value) for n, value in enumerate(values)]
    second = [
        Sample(FOUND + timedelta(minutes=3 * n - 20), f"b{n}", value / 3)
        for n, value in enumerate(values[:9])
    ]
    return draw(
        {"G-101": first, "G-102": second},
        rule=rules.thresholds[0],
        quantity=rules.quantities[rules.thresholds[0].quantity],
        centre=FOUND,
        alarms=[(FOUND, 1), (FOUND + timedelta(minutes=6), 2)],
        zone=ZoneInfo("Asia/Shanghai"),
    )


def _lengthened(data: ClosureData) -> ClosureData:
    saga = "　　".join(
        [
            "经与产权单位、施工单位、街道办三方现场会商，决定分段停气、分段更换，并对沿线十四座阀井同步排查。"
            * 6
        ]
        * 3
    )
    return replace(
        data,
        title="芝罘区环山路与南大街交叉口东侧中压燃气管线穿越供热管沟段防腐层破损、外壁锈蚀并伴有间歇性微量渗漏的安全隐患(与幼儿园、农贸市场相邻)",
        particulars=(Fact(L("隐患描述", "Description"), saga, wide=True), *data.particulars[1:]),
        log=tuple(replace(entry, comment=saga if entry.seq == 3 else entry.comment) for entry in data.log),
        opinions=(*data.opinions, replace(data.opinions[0], text=saga[:300])),
    )


def _qr(url: str) -> bytes:
    import io

    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="png", scale=8, border=2)
    return out.getvalue()
