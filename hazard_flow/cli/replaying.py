"""`workflow replay`: what a changed file would have made of what really happened."""

import json
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from hazard_flow.cli.environment import settings_or_exit, stop
from hazard_flow.cli.serving import demand_schema

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator, Mapping

    from hazard_flow.app import Application
    from hazard_flow.hazards.replaying import NotFollowed
    from hazard_flow.rulebook.comparing import Difference, Totals
    from hazard_flow.rulebook.replay import Period, Replay
    from hazard_flow.workflow.definition import Workflow

EXIT_REFUSED, EXIT_UNREADABLE = 1, 2
#: lines of the table; all of them are in --json
ROWS_SHOWN = 40
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_WORDS = {
    "same": "same 相同",
    "earlier": "earlier 提前",
    "later": "later 推后",
    "readdressed": "other people 改送他人",
    "new": "new 新增",
    "gone": "gone 不再发出",
}
_REASONS = {
    "no_action": "no such action 无此动作",
    "not_from_here": "does not start there 不能从该状态办理",
    "closed": "closed before 已先行销号",
    "unknown_workflow": "workflow not installed 流程未安装",
}


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--since", type=_DAY, required=True, metavar="DATE", help="First day, YYYY-MM-DD. 起始日")
@click.option(
    "--until",
    type=_DAY,
    metavar="DATE",
    help="Last day, that day included; default now. 截止日（含当日），默认到现在",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the N newest hazards. 仅最新 N 件")
@click.option("--json", "as_json", is_flag=True, help="Print JSON. 以 JSON 输出")
def replay(file: Path, since: datetime, until: datetime | None, limit: int | None, as_json: bool) -> None:
    """Real history against a changed workflow FILE: what would have escalated, when, to whom. 用真实历史试算改动后的流程。

    Reads the database of the settings, writes nothing. Addressees are those of today's directory; what people did is taken as done.
    Exit 0 replayed, 1 the file is refused, 2 unreadable. 只读不写；通知对象按现在的人员名册；人员办理视为已办。
    """
    from hazard_flow import app  # a second to load, `--help` must not wait for it

    content = _read(file)
    application = app.build(settings_or_exit())
    try:
        demand_schema(application)
        changed = _proved(application, content, str(file))
        period = _period(since.date(), until.date() if until else None, application)
        begun = time.perf_counter()
        found, names = _run(application, changed, period, limit)
        seconds = time.perf_counter() - begun
    finally:
        application.database.dispose()
    if as_json:
        from hazard_flow.rulebook import resources

        click.echo(json.dumps(resources.as_json(found, names), ensure_ascii=False, indent=2))
        return
    _show(found, names, application.rules.zone, seconds)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        stop(f"{file} cannot be opened: {error.strerror}.", f"无法打开 {file}。", code=EXIT_UNREADABLE)


def _proved(application: "Application", content: bytes, file: str) -> "Workflow":
    from hazard_flow.workflow.draft import read_draft
    from hazard_flow.workflow.problems import Unreadable, WorkflowRefused

    rules = application.rules
    try:
        return read_draft(content, file=file, known=rules.workflows, vocabulary=rules.vocabulary)
    except Unreadable as fault:
        click.echo(str(fault.problem), err=True)
        sys.exit(EXIT_UNREADABLE)
    except WorkflowRefused as refused:
        for problem in refused.problems:
            click.echo(str(problem), err=True)
        stop("Refused; nothing was replayed.", "流程文件未通过检查，未作试算。", code=EXIT_REFUSED)


def _period(since: date, until: date | None, application: "Application") -> "Period":
    from hazard_flow.rulebook.replay import Period
    from hazard_flow.workflow.deadlines import end_of_day

    zone, now = application.rules.zone, application.clock.now()
    start = end_of_day(since - timedelta(days=1), zone)
    end = min(end_of_day(until, zone), now) if until else now
    if start >= end:
        stop(
            "The period is empty: --since must lie before --until and now.",
            "起始日须早于截止日和现在。",
            code=2,
        )
    return Period(start, end)


def _run(
    application: "Application", changed: "Workflow", period: "Period", limit: int | None
) -> "tuple[Replay, Mapping[uuid.UUID, str]]":
    from hazard_flow.identity.queries import names
    from hazard_flow.rulebook.replay import replay as run
    from hazard_flow.storage.scope import SYSTEM

    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        application.database.reading(SYSTEM) as session,
    ):
        task = progress.add_task("replaying 试算", total=None)
        found = run(
            session,
            changed,
            period,
            limit=limit,
            tell=lambda done, of: progress.update(task, completed=done, total=of),
        )
        return found, names(session, found.people())


def _show(found: "Replay", names: "Mapping[uuid.UUID, str]", zone: ZoneInfo, seconds: float) -> None:
    console = Console()
    walked = len(found.hazards)
    rate = f", {walked / seconds:.0f}/s" if walked and seconds else ""
    console.print(
        f"{found.workflow.id}: {_at(found.period.since, zone)} – {_at(found.period.until, zone)}, "
        f"{walked} hazards 件隐患, {seconds:.1f} s{rate}",
        highlight=False,
    )
    rows = [(h.number, d) for h in found.hazards for d in h.differences if d.outcome != "same"]
    if rows:
        console.print(_changes(rows[:ROWS_SHOWN], names, zone))
    if len(rows) > ROWS_SHOWN:
        console.print(
            f"… {len(rows) - ROWS_SHOWN} more lines in --json 其余 {len(rows) - ROWS_SHOWN} 行见 --json"
        )
    lost = [(h.number, n) for h in found.hazards for n in h.not_followed]
    if lost:
        console.print(_cannot_follow(lost[:ROWS_SHOWN], zone))
    console.print(_sums(found.totals, names))
    for note in _notes(found):
        console.print(note, soft_wrap=True, highlight=False)


def _changes(rows: "list[tuple[str, Difference]]", names: "Mapping[uuid.UUID, str]", zone: ZoneInfo) -> Table:
    table = Table(title="what would be different 变化", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("hazard 隐患", "timer 时限", "rung 级", "was 原", "by this file 改后", "change 变化"):
        table.add_column(heading, no_wrap=True)
    table.add_column("to 通知")
    last = ""
    for number, one in rows:
        shift = f" {_span(abs(one.shift))}" if one.outcome in ("earlier", "later") else ""
        table.add_row(
            number if number != last else "",
            one.shown.timer,
            _rung(one.shown.level, one.shown.cycle),
            _short(one.was.at, zone) if one.was else "–",
            _short(one.replayed.at, zone) if one.replayed else "–",
            _WORDS[one.outcome] + shift,
            "、".join(names.get(p, str(p)) for p in one.shown.people) or "–",
        )
        last = number
    return table


def _cannot_follow(rows: "list[tuple[str, NotFollowed]]", zone: ZoneInfo) -> Table:
    table = Table(title="cannot follow 无法沿用的办理", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("hazard 隐患", "at 时间", "action 动作", "stood in 所处状态"):
        table.add_column(heading, no_wrap=True)
    table.add_column("why 原因")
    table.add_column("went on in 后续状态")
    for number, one in rows:
        why = _REASONS[one.reason]
        table.add_row(number, _short(one.at, zone), one.action, one.state, why, one.went_on_in or "–")
    return table


def _sums(totals: "Totals", names: "Mapping[uuid.UUID, str]") -> Table:
    table = Table(title="in total 合计", title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column()
    medians = {"earlier": totals.median_earlier, "later": totals.median_later}
    counts: dict[str, int] = {str(outcome): n for outcome, n in totals.counts.items()}
    for outcome, word in _WORDS.items():
        median = medians.get(outcome)
        table.add_row(
            word, str(counts.get(outcome, 0)) + (f", median 中位 {_span(median)}" if median else "")
        )
    for colour, (before, after) in totals.colours.items():
        table.add_row(f"{colour} notices 督办", f"{before} → {after}")
    table.add_row("people told 通知人次", f"{totals.told[0]} → {totals.told[1]}")
    if totals.most_changed is not None:
        person, (before, after) = totals.most_changed
        table.add_row(f"most changed for 变化最大 {names.get(person, person)}", f"{before} → {after}")
    return table


def _notes(found: "Replay") -> "Iterator[str]":
    yield "Addressees by today's directory; what people did is taken as done. 通知对象按现在的人员名册；人员办理视为已办。"
    if found.found > len(found.hazards):
        yield f"Only the newest {len(found.hazards)} of {found.found} hazards. 仅试算最新 {len(found.hazards)} 件，共 {found.found} 件。"
    if missed := found.totals.missed:
        yield f"{missed} firings were due but never sent at the time: the machine stood still. {missed} 次当时因停机未发出。"
    if found.unexplained:
        yield f"{found.unexplained} recorded firings do not follow from the rules in force. {found.unexplained} 次记录无法按当时规则重现。"
    if any(h.is_cut for h in found.hazards):
        yield "Some hazards fired so often that the later firings were left out. 个别隐患触发过多，后续部分未计算。"


def _rung(level: int, cycle: int) -> str:
    if level < 0:
        return "reminder 提醒"
    return f"{level + 1}" + (f" ×{cycle + 1}" if cycle else "")


def _at(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _short(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%m-%d %H:%M")


def _span(span: timedelta) -> str:
    """The two largest units."""
    minutes = round(span.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    parts = [(days, "d"), (rest // 60, "h"), (rest % 60, "min")]
    return " ".join([f"{n} {unit}" for n, unit in parts if n][:2]) or "0 min"
