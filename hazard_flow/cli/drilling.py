"""`drill`: climbs every ladder with the real people in a sealed copy, files the record, and says where nobody would be told."""

import getpass
import signal
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hazard_flow.cli.environment import configure_log, settings_or_exit, stop
from hazard_flow.cli.serving import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from hazard_flow.app import Application
    from hazard_flow.drills.models import Drill
    from hazard_flow.drills.record import EnterpriseBlock, FindingBlock

EXIT_UNREACHED = 1
EXIT_NOTHING = 2
_STEPS = {"staging": "bringing hazards up 布置演练隐患", "climbing": "climbing the ladders 逐级触发"}


@click.command()
@click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Where the data lives. 数据目录"
)
@click.option("--organisation", "unit", help="Only this unit, by name or id. 只演练该单位")
@click.option(
    "--send",
    is_flag=True,
    help="Send everybody concerned one message marked as a drill. 向有关人员发送演练消息",
)
@click.option("--findings-only", is_flag=True, help="Print what is amiss, not every rung. 只列出发现的问题")
@click.option(
    "--locale", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language. 语言"
)
def drill(data_dir: Path | None, unit: str | None, send: bool, findings_only: bool, locale: str) -> None:
    """Climb every ladder to the top and file the record. 升级通知演练并归档；有级次无人可通知时退出码为 1。

    It runs in a sealed copy with the real units, people, workflows, engine and channels; no live hazard is touched.
    在封存副本中进行，不改动任何在办隐患。
    """
    configure_log()
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    from rich.console import Console

    from hazard_flow import app
    from hazard_flow.drills.climbing import DrillBroken

    application = app.build(settings_or_exit(DATA_DIR=data_dir))
    if application.is_embedded:
        upgrade(application.settings)
    console = Console()
    try:
        filed = _hold(application, console, unit=unit, send=send, locale=locale, whole=not findings_only)
    except DrillBroken as broken:
        stop(f"The drill could not be held: {broken}.", "演练没有完成，请联系维护人员。", code=EXIT_NOTHING)
    finally:
        application.database.dispose()
    sys.exit(EXIT_UNREACHED if filed.unreached else 0)


def _hold(
    application: "Application", console: "Console", *, unit: str | None, send: bool, locale: str, whole: bool
) -> "Drill":
    from hazard_flow.drills import operations  # as above
    from hazard_flow.drills.holding import hold
    from hazard_flow.notifications.dispatch import drain, post_of
    from hazard_flow.storage.scope import SYSTEM

    database, post, started_at = application.database, post_of(application.settings), application.clock.now()
    within, organisation_id = _narrowed(application, unit)
    with _leaving_in_order() as leave_if_told, _progress(console) as show:

        def say(step: str, done: int, of: int) -> None:
            leave_if_told()
            show(step, done, of)

        rungs = hold(database, post, started_at, within=within, say=say)
        leave_if_told()
    if not rungs:
        _nothing(application)
    finished_at = application.clock.now()
    with database.transaction(SYSTEM) as session:
        filed = operations.file_record(
            session,
            rungs,
            actor=f"operator:{getpass.getuser()}",
            started_at=started_at,
            finished_at=finished_at,
            sent=send,
            zone=application.settings.zone,
            organisation_id=organisation_id,
        )
        if send:
            operations.send_out(session, filed, rungs, finished_at)
    if send:
        # A worker would do the same within seconds; any number may, so nothing is sent twice.
        drain(database, application.clock.now(), post)
    _print(application, console, filed, locale=locale, whole=whole)
    return filed


def _narrowed(application: "Application", unit: str | None) -> tuple[str | None, uuid.UUID | None]:
    if unit is None:
        return None, None
    from hazard_flow.cli.people import find_organisation  # as above
    from hazard_flow.storage.scope import SYSTEM

    with application.database.reading(SYSTEM) as session:
        found = find_organisation(session, unit)
        return found.path, found.id


def _nothing(application: "Application") -> None:
    demo = application.settings.DATA_DIR / "demo" / "demo.json"
    hint = f" The demo's data: --data-dir {demo.parent}" if demo.exists() else ""
    stop(
        f"There is no enterprise to drill here.{hint}",
        "这里没有可以演练的企业；请先登记单位和人员。"
        + (f"演示数据：--data-dir {demo.parent}" if hint else ""),
        code=EXIT_NOTHING,
    )


@contextmanager
def _leaving_in_order() -> "Iterator[Callable[[], None]]":
    """While the copy with people's addresses stands, SIGTERM only asks; what is yielded leaves when asked, and the copy goes.

    An exit raised in the handler itself gets lost whenever it strikes inside a finalizer: the interpreter ignores what those raise.
    """
    told: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))

    def leave_if_told() -> None:
        if told:
            sys.exit(128 + told[0])

    try:
        yield leave_if_told
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress(console: "Console") -> "Iterator[Callable[[str, int, int], None]]":
    from rich.progress import Progress  # as above

    with Progress(console=console, transient=True) as shown:
        tasks = {step: shown.add_task(words, total=None, start=False) for step, words in _STEPS.items()}

        def say(step: str, done: int, of: int) -> None:
            shown.start_task(tasks[step])
            shown.update(tasks[step], completed=done, total=of)

        yield say


def _print(
    application: "Application", console: "Console", filed: "Drill", *, locale: str, whole: bool
) -> None:
    from hazard_flow.drills import queries  # as above
    from hazard_flow.drills.record import enterprises, findings, words_of
    from hazard_flow.identity.actor import system_actor
    from hazard_flow.storage.scope import SYSTEM

    with application.database.reading(SYSTEM) as session:
        rungs = queries.rungs_of(session, filed, system_actor("drill"))
        words = words_of(session, rungs, locale)
    if whole:
        for enterprise in enterprises(rungs, words):
            _print_enterprise(console, enterprise, locale)
    for finding in findings(rungs, words):
        _print_finding(console, finding)
    _print_verdict(console, application.settings.PUBLIC_URL, filed, locale)


def _print_enterprise(console: "Console", enterprise: "EnterpriseBlock", locale: str) -> None:
    from rich.markup import escape  # as above
    from rich.table import Table

    from hazard_flow.i18n import text

    for workflow in enterprise.workflows:
        title = escape(f"{enterprise.label} · {workflow.label}")
        table = Table(title=title, title_justify="left")
        table.add_column(text("drills.record.rung", locale), justify="right")
        for heading in ("at", "who", "how_told", "result"):
            table.add_column(text(f"drills.record.{heading}", locale))
        for ladder in workflow.ladders:
            table.add_section()
            table.add_row("", f"[bold]{escape(ladder.limits)}[/bold]", escape(ladder.units), "", "")
            for rung in ladder.rungs:
                table.add_row(
                    str(rung.number),
                    rung.at,
                    escape(text("web.and", locale).join(rung.who)) or text("drills.record.nobody", locale),
                    text("web.and", locale).join(rung.ways),
                    "\n".join(dict.fromkeys((rung.result, *rung.findings))),
                )
        console.print(table)


def _print_finding(console: "Console", finding: "FindingBlock") -> None:
    console.print(f"[bold]! {finding.title}[/bold]", highlight=False)
    for place in finding.places:
        console.print(f"    {place}", highlight=False, soft_wrap=True, markup=False)
    if finding.more:
        console.print(f"    … +{finding.more}", highlight=False)
    console.print(f"  → {finding.mend}", highlight=False, soft_wrap=True)


def _print_verdict(console: "Console", public_url: str, filed: "Drill", locale: str) -> None:
    from hazard_flow.i18n import text  # as above

    reach = text("drills.reach_words", locale, units=filed.units, rungs=filed.rungs, people=filed.people)
    verdict = (
        text("drills.record.failed", locale, n=filed.unreached)
        if filed.unreached
        else text("drills.record.passed", locale)
    )
    mode = text("drills.mode.sent" if filed.sent else "drills.mode.sealed", locale)
    console.print(f"\n{verdict}", style="bold", highlight=False)
    console.print(f"{filed.number}  {reach}  {mode}", highlight=False, soft_wrap=True)
    console.print(f"{public_url}/drills/{filed.number}", highlight=False, soft_wrap=True)
