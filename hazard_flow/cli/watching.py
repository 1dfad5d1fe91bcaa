"""`timers` and `messages`: the dead-letter lists from the command line, for when no page can be reached."""

import contextlib
import getpass
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from hazard_flow.cli.environment import configure_log, settings_or_exit, stop
from hazard_flow.cli.serving import upgrade
from hazard_flow.errors import NotFound

if TYPE_CHECKING:
    from hazard_flow.app import Application

#: rows printed in one go; the page shows them all
SHOWN_MAX = 200


@click.group()
def timers() -> None:
    """Timers that could not be fired. 触发出错而搁置的时限。"""


@click.group()
def messages() -> None:
    """Messages that could not be delivered. 无法送达的通知。"""


@timers.command("parked")
def parked() -> None:
    """List them, longest overdue first; exit 1 when there are any. 列出搁置的时限；有则退出码为 1。"""
    from hazard_flow.hazards.models import Hazard  # the application takes a second to load
    from hazard_flow.storage.scope import SYSTEM
    from hazard_flow.timers.parking import parked_page

    with _opened() as application, application.database.reading(SYSTEM) as session:
        rows = parked_page(session, limit=SHOWN_MAX).items
        ids = [row.subject_id for row in rows if row.subject_kind == "hazard"]
        found = session.execute(sa.select(Hazard.id, Hazard.number).where(Hazard.id.in_(ids)))
        numbers = {row[0]: row[1] for row in found}
        table = Table("id", "timer 时限", "subject 事项", "due 应触发", "error 错误")
        for row in rows:
            subject = numbers.get(row.subject_id, f"{row.subject_kind} {row.subject_id}")
            table.add_row(
                str(row.id), row.name, subject, f"{row.due_at:%Y-%m-%d %H:%M}Z", (row.error or "")[:160]
            )
    _tell(table, len(rows), "No timer is parked. 没有搁置的时限。")


@timers.command("retry")
@click.argument("timer_ids", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="All of them. 全部重试")
def retry_timers(timer_ids: tuple[uuid.UUID, ...], everything: bool) -> None:
    """Let parked timers try again; who did so stays on record. 让搁置的时限重试，并记录操作人。"""
    from hazard_flow.storage.scope import SYSTEM
    from hazard_flow.timers.parking import parked_page, retry

    _demand_a_choice(timer_ids, everything)
    with _opened() as application, application.database.transaction(SYSTEM) as session:
        ids = [row.id for row in parked_page(session, limit=SHOWN_MAX).items] if everything else timer_ids
        for id_ in ids:
            with _known(id_):
                retry(session, id_, actor=_operator(), now=application.clock.now())
    click.echo(f"{len(ids)} try again in the next round. {len(ids)} 个将在下一轮重新触发。")


@messages.command("undelivered")
def undelivered() -> None:
    """List them, the longest lying first; exit 1 when there are any. 列出无法送达的通知；有则退出码为 1。"""
    from hazard_flow.identity.models import Person
    from hazard_flow.notifications.keeping import dead_page
    from hazard_flow.storage.scope import SYSTEM

    with _opened() as application, application.database.reading(SYSTEM) as session:
        rows = dead_page(session, limit=SHOWN_MAX).items
        found = session.execute(
            sa.select(Person.id, Person.username).where(Person.id.in_([r.person_id for r in rows]))
        )
        names = {row[0]: row[1] for row in found}
        table = Table(
            "id", "to 收件人", "channel 方式", "about 事项", "since 时间", "reason 原因", "error 错误"
        )
        for row in rows:
            table.add_row(
                str(row.id),
                names.get(row.person_id, str(row.person_id)),
                row.channel,
                str(row.params.get("number") or row.template),
                f"{row.created_at:%Y-%m-%d %H:%M}Z",
                row.reason or "",
                (row.error or "")[:120],
            )
    _tell(table, len(rows), "Every message has arrived or is on its way. 没有无法送达的通知。")


@messages.command("retry")
@click.argument("message_ids", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="All of them. 全部重发")
def retry_messages(message_ids: tuple[uuid.UUID, ...], everything: bool) -> None:
    """Send them again; who did so stays on record. 重新发送，并记录操作人。"""
    from hazard_flow.notifications.keeping import dead_page, retry
    from hazard_flow.storage.scope import SYSTEM

    _demand_a_choice(message_ids, everything)
    with _opened() as application, application.database.transaction(SYSTEM) as session:
        ids = [row.id for row in dead_page(session, limit=SHOWN_MAX).items] if everything else message_ids
        for id_ in ids:
            with _known(id_):
                retry(session, id_, actor=_operator(), now=application.clock.now())
    click.echo(f"{len(ids)} are sent again. {len(ids)} 条将重新发送。")


def _tell(table: Table, count: int, nothing: str) -> None:
    if not count:
        click.echo(nothing)
        return
    Console(soft_wrap=True).print(table)
    raise SystemExit(1)


def _demand_a_choice(ids: tuple[uuid.UUID, ...], everything: bool) -> None:
    if bool(ids) == everything:
        stop("Name ids, or say --all.", "请给出编号，或使用 --all。", code=2)


def _operator() -> str:
    return f"operator:{getpass.getuser()}"


@contextlib.contextmanager
def _known(id_: uuid.UUID) -> Iterator[None]:
    try:
        yield
    except NotFound:
        stop(f"{id_} is not in the list.", f"列表中没有 {id_}。")


@contextlib.contextmanager
def _opened() -> "Iterator[Application]":
    configure_log()
    from hazard_flow import app

    application = app.build(settings_or_exit())
    if application.is_embedded:
        upgrade(application.settings)
    try:
        yield application
    finally:
        application.database.dispose()
