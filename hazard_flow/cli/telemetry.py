"""`telemetry`: try a changed rule file on recorded data before it is released, and take a record out of the database."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from hazard_flow.cli.environment import configure_log, settings_or_exit, stop

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hazard_flow.telemetry.rules import Rules
    from hazard_flow.telemetry.ruling.records import Record
    from hazard_flow.telemetry.ruling.trying import Count, Trial

EXIT_REFUSED = 2
#: differing hazards printed; `--json` has them all
SHOWN = 20
CLOSES_AFTER = "24h"
_SPAN = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Span(click.ParamType[timedelta]):
    """A span such as 30d."""

    name = "SPAN"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The span; a usage error where it is none."""
        if isinstance(value, timedelta):
            return value
        found = _SPAN.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r}: write e.g. 30m, 12h or 30d. 请写作 30m、12h 或 30d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.group()
def telemetry() -> None:
    """Alarm rules and recorded measurements. 报警规则与监测数据。"""


@telemetry.command("try")
@click.argument("rules", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--on",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A CSV file of samples (`telemetry record` writes one). 样本文件",
)
@click.option(
    "--since", type=Span(), help="The samples in the database, back to here (30d). 数据库中的样本，起自"
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Another file than the one in use. 对照文件",
)
@click.option(
    "--closes-after",
    type=Span(),
    default=CLOSES_AFTER,
    show_default=True,
    help="Suppose a hazard closed once its alerts were normal so long. 假定恢复多久后销号",
)
@click.option("--keep", is_flag=True, help="Show the outcome on the rules page. 结果留在规则页")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON. 输出 JSON")
def try_(
    rules: Path,
    on: Path | None,
    since: timedelta | None,
    against: Path | None,
    closes_after: timedelta,
    keep: bool,
    as_json: bool,
) -> None:
    """What RULES would have opened on recorded data, against the rules in use. 用历史数据试算规则。"""
    from hazard_flow.telemetry.rulefile import shipped_rules
    from hazard_flow.telemetry.ruling.trying import try_rules

    if (on is None) == (since is None):
        stop("Give either --on or --since.", "请在 --on 与 --since 中选择其一。", code=EXIT_REFUSED)
    present, changed = _loaded(against) if against else shipped_rules(), _loaded(rules)
    record = _record_of(on) if on is not None else _recorded(since or timedelta())
    trial = try_rules(present, changed, record.topology, record.series, closes_after=closes_after)
    if keep:
        with _session() as session:
            _keep(session, trial, rules.name)
    if as_json:
        click.echo(json.dumps(trial.as_json(), ensure_ascii=False, indent=1))
    else:
        _tell(trial)


@telemetry.command()
@click.option("--since", type=Span(), required=True, help="Back to here (30d). 起自")
def record(since: timedelta) -> None:
    """Write the samples of the database as CSV, for `telemetry try --on`. 导出样本。"""
    from hazard_flow.telemetry.ruling.records import to_csv

    for line in to_csv(_recorded(since)):
        click.echo(line, nl=False)


def _loaded(path: Path) -> "Rules":
    from hazard_flow.telemetry.rulefile import load_rules
    from hazard_flow.workflow.rule_file import RuleFileError

    try:
        return load_rules(path)
    except RuleFileError as error:
        stop(str(error), f"规则文件有 {len(error.mistakes)} 处错误，未载入。", code=EXIT_REFUSED)


def _record_of(path: Path) -> "Record":
    from hazard_flow.telemetry.ruling.records import RecordRefused, from_csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return from_csv(lines)
    except (RecordRefused, UnicodeDecodeError) as error:
        stop(f"{path.name}:{error}", "样本文件有误，未读入。", code=EXIT_REFUSED)


def _recorded(since: timedelta) -> "Record":
    from hazard_flow.telemetry.ruling.records import from_database

    until = datetime.now(UTC)
    with _session() as session:
        return from_database(session, since=until - since, until=until)


@contextmanager
def _session() -> "Iterator[Session]":
    from hazard_flow.cli.serving import upgrade
    from hazard_flow.storage.engine import make_engine
    from hazard_flow.storage.scope import SYSTEM
    from hazard_flow.storage.unit import Database

    configure_log()
    settings = settings_or_exit()
    upgrade(settings)
    database = Database(make_engine(settings.database_url))
    try:
        with database.transaction(SYSTEM) as session:
            yield session
    finally:
        database.dispose()


def _keep(session: "Session", trial: "Trial", name: str) -> None:
    from hazard_flow.telemetry.ruling.operations import keep_trial

    keep_trial(session, trial, name=name, now=datetime.now(UTC))


def _tell(trial: "Trial") -> None:
    console = Console()
    table = Table(
        "rule 规则", f"v{trial.present_version} in use 现行", f"v{trial.changed_version} tried 试算"
    )
    for line in trial.lines:
        table.add_row(line.rule, _count(line.present), _count(line.changed))
    for family in sorted({*trial.present_families, *trial.changed_families}):
        before, after = trial.present_families.get(family, 0), trial.changed_families.get(family, 0)
        table.add_row(f"= {family}", f"{before}", f"{after}", style="bold")
    console.print(table)
    console.print(
        f"{trial.samples} samples of {trial.devices} devices; alerts / hazards opened / joined."
        f" 共 {trial.devices} 台设备 {trial.samples} 个样本；报警 / 立案 / 并入。"
    )
    for title, openings in (
        ("only the present rules open 仅现行规则立案", trial.lost),
        ("only the tried rules open 仅试算规则立案", trial.gained),
    ):
        console.print(f"{title}: {len(openings)}")
        for one in openings[:SHOWN]:
            console.print(
                f"  {one.at:%Y-%m-%d %H:%M}Z {one.site} {one.family} {one.rule} {one.device}", highlight=False
            )


def _count(found: "Count | None") -> str:
    return "—" if found is None else f"{found.alerts} / {found.opened} / {found.joined}"
