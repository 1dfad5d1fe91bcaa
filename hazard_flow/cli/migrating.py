"""`workflow migrate`: open hazards go on under another version, by an administrator's word, rehearsed first."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from hazard_flow.cli.environment import settings_or_exit, stop
from hazard_flow.cli.serving import demand_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hazard_flow.app import Application
    from hazard_flow.errors import HazardFlowError
    from hazard_flow.identity.actor import Actor
    from hazard_flow.rulebook.moving import Candidate, Order, Result

#: refused hazards shown one by one; the rest is counted
REFUSED_SHOWN = 20


def _names(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in given:
        old, equals, new = pair.partition("=")
        if not equals or not old.strip() or not new.strip():
            raise click.BadParameter(
                f"{pair!r}: write OLD=NEW, for example submitted=checking 写作 原状态=新状态"
            )
        if old.strip() in found:
            raise click.BadParameter(f"{old!r} is mapped twice 重复指定")
        found[old.strip()] = new.strip()
    return found


@click.command("migrate")
@click.argument("key")
@click.option(
    "--to",
    "to_version",
    type=click.IntRange(1),
    required=True,
    metavar="VERSION",
    help="Version to go on under. 改用的版本",
)
@click.option(
    "--from",
    "from_version",
    type=click.IntRange(1),
    metavar="VERSION",
    help="Only hazards under this version. 仅限该版本",
)
@click.option(
    "--map",
    "names",
    multiple=True,
    callback=_names,
    metavar="STATE=STATE",
    help="A state whose name changed; repeatable. 状态对应，可多次",
)
@click.option(
    "--hazard",
    "numbers",
    multiple=True,
    metavar="NUMBER",
    help="Only this hazard; repeatable. 仅限该隐患，可多次",
)
@click.option("--reason", default="", help="Why; goes into every hazard's record. 事由，记入每件隐患的档案")
@click.option("--by", "username", help="Account of the administrator who decides. 决定人账号（须为管理员）")
@click.option("--dry-run", is_flag=True, help="Only say what would move. 仅试算，不执行")
@click.option("--yes", is_flag=True, help="Do not ask. 不再询问")
def migrate(
    key: str,
    to_version: int,
    from_version: int | None,
    names: dict[str, str],
    numbers: tuple[str, ...],
    reason: str,
    username: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Move open hazards of workflow KEY to another version, one audited event each. 将在办隐患改用另一版流程，逐件留痕。

    Everything is rehearsed first; hazards that cannot move stay as they are and are named. Exit 0 all moved, 1 some refused.
    先试算后执行；不能改用的保持原版本并逐件说明。
    """
    if not dry_run and not reason.strip():
        stop(
            "Say why with --reason; it goes into every hazard's record.",
            "请用 --reason 写明事由，事由记入每件隐患的档案。",
            code=2,
        )
    with _opened() as application:
        from hazard_flow.rulebook import moving

        _demand_versions(application, key, to_version, from_version)
        order = moving.Order(
            workflow=key,
            to_version=to_version,
            from_version=from_version,
            names=names,
            numbers=numbers,
            actor=_actor(application, username),
            reason=reason.strip() or "dry run 试算",
        )
        hazards = _candidates(application, order)
        if not hazards:
            click.echo("No open hazard to move. 没有需要改用的在办隐患。")
            return
        rehearsed = _move(application, order, hazards, rehearse=True)
        _show(rehearsed, order, done=False)
        if dry_run:
            raise SystemExit(1 if rehearsed.refused else 0)
        if rehearsed.count and not yes and sys.stdin.isatty():
            click.confirm(f"Move {rehearsed.count} hazards? 改用以上 {rehearsed.count} 件？", abort=True)
        done = _move(
            application, order, [h for h in hazards if h.number not in rehearsed.refused], rehearse=False
        )
        _show(done, order, done=True)
        raise SystemExit(1 if rehearsed.refused or done.refused else 0)


def _demand_versions(application: "Application", key: str, to_version: int, from_version: int | None) -> None:
    known = sorted(version for name, version in application.rules.workflows if name == key)
    if not known:
        keys = ", ".join(sorted({name for name, _ in application.rules.workflows}))
        stop(f"There is no workflow {key}; there are: {keys}.", f"没有流程 {key}。")
    for version in (to_version, from_version):
        if version is not None and version not in known:
            there = ", ".join(map(str, known))
            stop(
                f"There is no {key}.v{version} here; versions: {there}.",
                f"系统中没有 {key}.v{version}；现有版本：{there}。",
            )


def _actor(application: "Application", username: str | None) -> "Actor":
    from hazard_flow.hazards.migrating import ADMINISTRATOR
    from hazard_flow.identity.queries import actor_by_username
    from hazard_flow.storage.scope import SYSTEM

    if username is None:
        return ADMINISTRATOR
    with application.database.reading(SYSTEM) as session:
        found = actor_by_username(session, username)
    if found is None or "administrator" not in found.roles:
        stop(f"{username} is no administrator here.", f"{username} 不是管理员账号。")
    return found


def _candidates(application: "Application", order: "Order") -> "Sequence[Candidate]":
    from hazard_flow.rulebook import moving
    from hazard_flow.storage.scope import SYSTEM

    with application.database.reading(SYSTEM) as session:
        found = moving.candidates(session, order)
    missing = sorted(set(order.numbers) - {one.number for one in found})
    if missing:
        where = f"{order.workflow}.v{order.from_version}" if order.from_version else order.workflow
        stop(
            f"Not a hazard under {where}: {', '.join(missing)}.",
            f"以下编号不是 {where} 流程的隐患：{'、'.join(missing)}。",
        )
    return found


def _move(
    application: "Application", order: "Order", hazards: "Sequence[Candidate]", *, rehearse: bool
) -> "Result":
    from hazard_flow.rulebook import moving

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("rehearsing 试算" if rehearse else "moving 执行", total=len(hazards))
        return moving.move(
            application.database,
            order,
            hazards,
            clock=application.clock.now,
            rehearse=rehearse,
            tell=lambda count: progress.advance(task, count),
        )


def _show(result: "Result", order: "Order", *, done: bool) -> None:
    console = Console()
    said = f"{'moved to 已改用' if done else 'would move to 将改用'} {order.workflow}.v{order.to_version}"
    table = Table(title=said, title_justify="left")
    for heading in ("from 原版本", "state 状态", "to state 对应状态"):
        table.add_column(heading)
    table.add_column("hazards 件数", justify="right")
    for (workflow, old, new), count in sorted(result.moved.items()):
        table.add_row(workflow, old, new, str(count))
    if result.moved:
        console.print(table)
    console.print(
        f"{result.count} {'moved 已改用' if done else 'would move 可改用'}, {len(result.refused)} refused 不能改用"
    )
    _show_refused(result.refused)


def _show_refused(refused: "Mapping[str, HazardFlowError]") -> None:
    from hazard_flow.web.sentences import error_sentence, field_sentence

    zone = settings_or_exit().zone
    for number, error in list(refused.items())[:REFUSED_SHOWN]:
        for locale in ("en", "zh"):
            said = [field_sentence(one, locale, zone) for one in error.fields]
            click.echo(
                f"  {number}: {'; '.join(said) or error_sentence(error.code, error.params, locale, zone)}"
            )
    if len(refused) > REFUSED_SHOWN:
        click.echo(f"  … {len(refused) - REFUSED_SHOWN} more 另有 {len(refused) - REFUSED_SHOWN} 件")


@contextlib.contextmanager
def _opened() -> "Iterator[Application]":
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    from hazard_flow import app

    application = app.build(settings_or_exit())
    try:
        demand_schema(application)
        yield application
    finally:
        application.database.dispose()
