"""`import` and `export`: files of rules and registers in and out. Tried first, stored whole or not at all."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hazard_flow.cli.environment import settings_or_exit, stop
from hazard_flow.cli.serving import upgrade
from hazard_flow.storage.scope import SYSTEM

if TYPE_CHECKING:
    from hazard_flow.app import Application
    from hazard_flow.exchange.kinds import ImportReport, Kind

EXIT_REFUSED, EXIT_UNREADABLE = 1, 2
#: faults and changes printed before the rest is only counted
SHOWN_MAX = 200
_DIVISION = click.option("--division", default="", help="Division of rows that name none. 各行未写区划时使用")


@click.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, store nothing. 只试算，不入库")
@_DIVISION
@click.option(
    "--organisation",
    default="",
    help="Enterprise or unit of rows that name none: credit code or full name. 各行未写单位时使用",
)
@click.option(
    "--crs", default="", help="Frame of places that name none: WGS84, CGCS2000, GCJ02. 未注明坐标系时使用"
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML that says how the columns of a foreign file become ours. 外来文件的列对应关系",
)
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what is wrong to this CSV file. 将错误写入 CSV 文件",
)
def import_(
    kind: str,
    file: Path,
    dry_run: bool,
    division: str,
    organisation: str,
    crs: str,
    mapping: Path | None,
    errors: Path | None,
) -> None:
    """Import FILE as KIND: 0 done, 1 refused, 2 unreadable. 导入文件，先判后存。

    Kinds: catalogue, policy, calendar, devices, risk-points, assets, users, network, incidents, cylinders,
    cylinder_movements, certificates, special_equipment, cp_readings, vouchers.

    The whole file is tried first. With a single fault nothing is stored; the same file again changes nothing.
    """
    from hazard_flow.exchange.kinds import ImportOrder
    from hazard_flow.exchange.records import SourceFile
    from hazard_flow.identity.actor import system_actor

    with _opened() as application:
        chosen = _chosen(application, kind)
        _check_division(division)
        try:
            with file.open("rb") as opened:
                source = (
                    SourceFile(file.name, path=file)
                    if chosen.is_large
                    else SourceFile(file.name, opened.read())
                )
        except OSError as error:
            stop(f"{file}: {error.strerror}", f"文件读不了：{file}", code=EXIT_UNREADABLE)
        with _progress() as progress:
            order = ImportOrder(
                actor=system_actor("cli"), now=application.clock.now(), division=division, dry_run=dry_run,
                organisation=organisation, crs=crs, progress=progress, mapping=mapping.read_bytes() if mapping else b"",
            )  # fmt: skip
            with application.database.transaction(SYSTEM) as session:
                report = chosen.read_in(session, source, order)
        _tell(report, file)
        if errors is not None:
            _write_faults(report, errors)
        if report.faults:
            sys.exit(EXIT_UNREADABLE if report.is_unreadable else EXIT_REFUSED)
        _conclude(report, dry_run=dry_run)
        if not dry_run and kind == "calendar":
            _settle(application)


@click.command()
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-shipped", is_flag=True, help="The shipped rows as well. 连同随系统发布的内容")
@click.option("--division", default="", help="Only this division and those below. 只导出该区划及下级")
@click.option(
    "--organisation", default="", help="Only this enterprise or unit and those below. 只导出该单位及下级"
)
def export(kind: str, file: Path, with_shipped: bool, division: str, organisation: str) -> None:
    """Write KIND to FILE, which `import` takes again; its ending chooses the form. 导出为文件，可再导入。"""
    from hazard_flow.errors import NotFound
    from hazard_flow.exchange.kinds import ExportOrder

    with _opened() as application:
        chosen = _chosen(application, kind)
        _check_division(division)
        ending = file.suffix.lower()
        if ending not in chosen.endings:
            allowed = ", ".join(chosen.endings)
            stop(
                f"Name the file with one of {allowed}.",
                f"文件扩展名应为 {allowed} 之一。",
                code=EXIT_UNREADABLE,
            )
        with application.database.reading(SYSTEM) as session:
            try:
                written = chosen.write_out(session, ExportOrder(ending, division, with_shipped, organisation))
            except NotFound:
                stop(
                    f"There is no unit {organisation}.",
                    f"没有“{organisation}”这个单位。",
                    code=EXIT_UNREADABLE,
                )
        try:
            file.write_bytes(written.encode() if isinstance(written, str) else written)
        except OSError as error:
            stop(f"{file}: {error.strerror}", f"文件写不了：{file}", code=EXIT_UNREADABLE)
        click.echo(f"{file} written 已导出")


def _tell(report: "ImportReport", file: Path) -> None:
    """Faults with their mend, or what changes, in both languages."""
    for fault in report.faults[:SHOWN_MAX]:
        place = f"{file}:{fault.row}" if fault.row else str(file)
        column = f" {fault.field}:" if fault.field else ""
        click.echo(f"{place}:{column} {fault.reason('en')}. {fault.mend('en')}.", err=True)
        click.echo(f"    {fault.reason('zh')}。{fault.mend('zh')}。", err=True)
    for change in report.changes[:SHOWN_MAX]:
        click.echo(
            f"{change.row:>5}  {_WORDS[change.what]:<16} {change.name}: {change.before or '—'} → {change.after or '—'}"
        )
    rest = max(len(report.faults), report.changed) - SHOWN_MAX
    if rest > 0:
        click.echo(f"… {rest} more 另有 {rest} 处")
    if report.faults:
        n = len(report.faults)
        click.echo(f"Nothing stored: {n} to be mended. 未入库：{n} 处需要补正。", err=True)


_WORDS = {"added": "added 新增", "changed": "changed 变更", "withdrawn": "taken back 撤回"}


def _conclude(report: "ImportReport", *, dry_run: bool) -> None:
    changes = report.changed
    if not changes:
        click.echo(f"Nothing new in {report.rows} rows. {report.rows} 行均已在库中，没有变化。")
    elif dry_run:
        click.echo(f"Dry run: {changes} would be stored. 试算：将入库 {changes} 条。")
    else:
        click.echo(f"Stored: {changes}. 已入库 {changes} 条。")


def _write_faults(report: "ImportReport", file: Path) -> None:
    """What is wrong as a table for whoever mends the file: row, field, reason and mend in both languages."""
    from hazard_flow.exchange.writing import write

    columns = ("row", "field", "reason_zh", "mend_zh", "reason_en", "mend_en")
    rows = [
        dict(
            zip(
                columns,
                (str(one.row), one.field, one.reason("zh"), one.mend("zh"), one.reason("en"), one.mend("en")),
                strict=True,
            )
        )
        for one in report.faults
    ]
    try:
        file.write_text(write(".csv", columns, rows), "utf-8", newline="")
    except OSError as error:
        stop(f"{file}: {error.strerror}", f"文件写不了：{file}", code=EXIT_UNREADABLE)


@contextlib.contextmanager
def _progress() -> "Iterator[Callable[[int, float | None], None]]":
    """A bar on a terminal, silence elsewhere."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:>9,}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("rows 行", total=None, rows=0)

        def tell(rows: int, share: float | None) -> None:
            bar.update(task, rows=rows, total=None if share is None else 1.0, completed=share or 0)

        yield tell


def _settle(application: "Application") -> None:
    """Count running time limits again here and now; workers look once more a minute later."""
    from rich.progress import Progress

    from hazard_flow.hazards.settling import settle

    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("counting again 重新计算时限", total=None)
        moved = settle(
            application.database,
            application.clock.now,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    click.echo(f"Hazards whose time limits moved: {moved}. 时限有变的隐患：{moved} 件。")


def _check_division(division: str) -> None:
    from hazard_flow.catalogue.places import is_division

    if division and not is_division(division):
        stop(
            f"{division} is no division code: 2 to 12 digits.",
            f"{division} 不是行政区划代码（2 至 12 位数字）。",
            code=EXIT_UNREADABLE,
        )


def _chosen(application: "Application", kind: str) -> "Kind":
    from hazard_flow.app import file_kinds

    kinds = file_kinds(application.rules)
    chosen = kinds.get(kind)
    if chosen is None:
        known = ", ".join(one.key for one in kinds)
        stop(
            f"There is no kind {kind}; there are: {known}.",
            f"没有“{kind}”这一类，可用：{known}。",
            code=EXIT_UNREADABLE,
        )
    return chosen


@contextlib.contextmanager
def _opened() -> "Iterator[Application]":
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    from hazard_flow import app

    application = app.build(settings_or_exit())
    if application.is_embedded:
        upgrade(application.settings)
    try:
        yield application
    finally:
        application.database.dispose()
