"""`ledger verify`: walks the whole database and says whether history was touched, and where."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hazard_flow.cli.environment import configure_log, settings_or_exit, stop

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hazard_flow.ledger.findings import Advance, Findings
    from hazard_flow.ledger.signatures import KeyRing
    from hazard_flow.ledger.verification import Copy
    from hazard_flow.storage.unit import Database

EXIT_BROKEN = 1
EXIT_UNREADABLE = 2
#: shown of many; `--json` has up to a hundred
SHOWN = 20
_COUNTS = {
    "hazards": "hazards 隐患",
    "events": "events 事件",
    "unsealed": "not yet sealed 未入账",
    "leaves": "leaves 叶",
    "nodes": "subtrees 子树",
    "checkpoints": "checkpoints 检查点",
    "signed": "signed 已签名",
    "unsigned": "unsigned 未签名",
    "signatures_not_judged": "signatures not judged (no --trust) 签名未核验",
    "stamps": "time-stamps 时间戳",
    "copies": "copies from outside 外部副本",
}


@click.group()
def ledger() -> None:
    """The ledger of all events. 账本。"""


@ledger.command()
@click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Where the data lives. 数据目录"
)
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Checkpoints kept outside, one a line: only they show that everything was rewritten. 外部保存的检查点",
)
@click.option(
    "--trust",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Certificate or public key (PEM) checkpoints may be signed with. 可信的证书或公钥",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON. 输出 JSON")
def verify(
    data_dir: Path | None, checkpoints: tuple[Path, ...], trust: tuple[Path, ...], as_json: bool
) -> None:
    """Check every event, leaf, subtree and checkpoint. 逐一核验全部事件、叶、子树和检查点；有异常时退出码为 1。"""
    configure_log()
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    from hazard_flow import app

    keys, copies = _keys(trust), _copies(checkpoints)
    application = app.build(settings_or_exit(DATA_DIR=data_dir))
    try:
        problem = app.schema_problem(application)
        if problem is not None:
            stop(problem.en, problem.zh, code=EXIT_UNREADABLE)
        findings = _verify(application.database, keys, copies, quiet=as_json)
    finally:
        application.database.dispose()
    if as_json:
        click.echo(json.dumps(_report(findings), ensure_ascii=False, indent=2))
    else:
        _tell(findings)
    sys.exit(0 if findings.is_intact else EXIT_BROKEN)


def _verify(database: "Database", keys: "KeyRing", copies: "list[Copy]", *, quiet: bool) -> "Findings":
    from rich.console import Console  # as above
    from rich.progress import Progress

    from hazard_flow.hazards.walking import EventWalk
    from hazard_flow.ledger.sharing import verify_by_many
    from hazard_flow.ledger.verification import Asked
    from hazard_flow.storage.scope import SYSTEM

    with database.reading(SYSTEM) as session:
        rows = _rows(session)
    # drawn by the walk itself: a thread for it would be in the way of the fork
    with Progress(console=Console(stderr=True), disable=quiet, auto_refresh=False) as bar:
        task = bar.add_task("verifying 核验", total=rows)

        def advance(fresh: int) -> None:
            bar.advance(task, fresh)
            bar.refresh()

        told: Advance = advance
        return verify_by_many(database, EventWalk(), Asked(keys, copies, told))


def _rows(session: "Session") -> int:
    """How many rows the walk will come by: every event and every leaf."""
    import sqlalchemy as sa  # as above

    from hazard_flow.hazards.models import Hazard
    from hazard_flow.ledger.queries import tree_size

    return int(session.scalar(sa.select(sa.func.sum(Hazard.seq))) or 0) + tree_size(session)


def _keys(files: tuple[Path, ...]) -> "KeyRing":
    from hazard_flow.ledger.signatures import KeyRing, NotAKey  # as above

    try:
        return KeyRing(path.read_bytes() for path in files)
    except (OSError, NotAKey) as error:
        stop(f"--trust: {error}", "--trust：不是可用的证书或公钥。", code=EXIT_UNREADABLE)


def _copies(files: tuple[Path, ...]) -> "list[Copy]":
    from hazard_flow.ledger.statements import NotAStatement, parse  # as above
    from hazard_flow.ledger.verification import Copy

    found = []
    for path, number, line in _lines(files):
        try:
            found.append(Copy(parse(line), f"{path.name}:{number}"))
        except NotAStatement as error:
            stop(
                f"--checkpoints: {path}:{number}: {error}",
                f"--checkpoints：{path} 第 {number} 行不是检查点。",
                code=EXIT_UNREADABLE,
            )
    return found


def _lines(files: tuple[Path, ...]) -> Iterator[tuple[Path, int, str]]:
    for path in files:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if line.strip():
                yield path, number, line


def _report(findings: "Findings") -> dict[str, object]:
    first = findings.first
    return {
        "intact": findings.is_intact,
        "counts": findings.counts,
        "broken": findings.total,
        "first": first.as_dict() if first else None,
        "findings": [one.as_dict() for one in findings.kept],
    }


def _tell(findings: "Findings") -> None:
    for name, label in _COUNTS.items():
        if name in findings.counts:
            click.echo(f"{findings.counts[name]:>12,}  {label}")
    if findings.is_intact:
        click.echo("intact 完好：every event stands as it was sealed 全部事件与入账时一致")
        return
    click.echo(f"BROKEN 异常: {findings.total}")
    for one in findings.kept[:SHOWN]:
        where = f" {one.hazard} #{one.seq}" if one.hazard else ""
        click.echo(f"  {one.table} {one.row}{where}\n    {one.said.en}\n    {one.said.zh}")
    if findings.total > SHOWN:
        click.echo(f"  … {findings.total - SHOWN} more 另有 {findings.total - SHOWN} 处")
