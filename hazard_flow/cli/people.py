"""`organisation add`, `person add`, `token add`: the first people of an installation, before anybody can sign in."""

import contextlib
import uuid
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from hazard_flow.cli.environment import settings_or_exit, stop
from hazard_flow.cli.serving import upgrade
from hazard_flow.errors import HazardFlowError
from hazard_flow.i18n import Label
from hazard_flow.identity import operations
from hazard_flow.identity.models import ORGANISATION_KINDS, Division, Organisation, Person
from hazard_flow.identity.roles import ROLES
from hazard_flow.storage.scope import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from hazard_flow.app import Application


@click.group()
def organisation() -> None:
    """Organisations. 单位。"""


@click.group()
def person() -> None:
    """People. 人员。"""


@click.group()
def token() -> None:
    """API tokens. 接口令牌。"""


@organisation.command("add")
@click.option("--kind", type=click.Choice(ORGANISATION_KINDS), required=True, help="Kind. 类别")
@click.option("--division", required=True, help="Six-digit division code (GB/T 2260). 行政区划代码")
@click.option("--name-zh", required=True, help="Chinese name. 中文名称")
@click.option("--name-en", required=True, help="English name. 英文名称")
@click.option("--parent", help="Name or id of the organisation above. 上级单位")
@click.option("--document-word", help="Word its document numbers begin with. 机关代字，如 城东")
@click.option("--highest", is_flag=True, help="Ladders of this division end here. 作为该区划的最高监管部门")
def add_organisation(
    kind: str,
    division: str,
    name_zh: str,
    name_en: str,
    parent: str | None,
    document_word: str | None,
    highest: bool,
) -> None:
    """Add an organisation. 添加单位。"""
    with _opened() as application, application.database.transaction(SYSTEM) as session:
        above = find_organisation(session, parent) if parent else None
        name = Label(zh=name_zh, en=name_en)
        if session.get(Division, division) is None:
            operations.add_division(session, code=division, label=Label(zh=division, en=division))
        made = operations.add_organisation(
            session,
            kind=kind,
            label=name,
            division=division,
            now=application.clock.now(),
            parent=above,
            document_word=document_word,
        )
        if highest:
            operations.name_highest_regulator(session, code=division, organisation=made)
        click.echo(str(made.id))


@person.command("add")
@click.option("--username", required=True, help="Name to sign in with. 账号")
@click.option("--name", required=True, help="The person's name. 姓名")
@click.option("--organisation", "unit", required=True, help="Name or id of the organisation. 单位")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(ROLES),
    help="Role; repeatable. 岗位，可多次",
)
@click.option(
    "--locale", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language. 语言"
)
@click.option("--email", help="Where notices go. 邮箱")
@click.password_option(help="Asked for when not given. 密码，不给出则提示输入")
def add_person(
    username: str, name: str, unit: str, roles: tuple[str, ...], locale: str, email: str | None, password: str
) -> None:
    """Add a person who may sign in. 添加人员。"""
    with _opened() as application, application.database.transaction(SYSTEM) as session:
        made = operations.add_person(
            session,
            username=username,
            name=name,
            organisation=find_organisation(session, unit),
            roles=roles,
            password=password,
            now=application.clock.now(),
            locale=locale,
            email=email,
        )
        click.echo(str(made.id))


@token.command("add")
@click.option("--username", required=True, help="For whom the token acts. 账号")
@click.option("--name", required=True, help="What it is for. 用途")
@click.option(
    "--days",
    default=operations.TOKEN_DAYS_DEFAULT,
    show_default=True,
    type=click.IntRange(1, 3650),
    help="Valid for. 有效天数",
)
@click.option("--read-only", is_flag=True, help="It may read, not write. 只读")
def add_token(username: str, name: str, days: int, read_only: bool) -> None:
    """Make an API token; it is shown this once. 生成令牌，只显示一次。"""
    with _opened() as application, application.database.transaction(SYSTEM) as session:
        found = session.scalar(sa.select(Person).where(Person.username == username))
        if found is None:
            stop(f"There is nobody called {username}.", f"没有账号 {username}。")
        rights = "read" if read_only else "read,write"
        click.echo(
            operations.add_token(
                session, person=found, name=name, now=application.clock.now(), days=days, rights=rights
            )
        )


@contextlib.contextmanager
def _opened() -> "Iterator[Application]":
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    from hazard_flow import app

    application = app.build(settings_or_exit())
    if application.is_embedded:
        upgrade(application.settings)
    try:
        yield application
    except HazardFlowError as error:
        _refuse(error)
    finally:
        application.database.dispose()


def find_organisation(session: "Session", wanted: str) -> Organisation:
    """The organisation a person means by a name or an id; ends the command where that is none or several."""
    named = sa.or_(Organisation.name_zh == wanted, Organisation.name_en == wanted)
    with contextlib.suppress(ValueError):
        named = sa.or_(named, Organisation.id == uuid.UUID(wanted))
    found = session.scalars(sa.select(Organisation).where(named).limit(2)).all()
    if len(found) > 1:
        stop(
            f"Several organisations are called {wanted}; give the id.",
            f"有多个单位叫“{wanted}”，请给出编号。",
        )
    if not found:
        stop(f"There is no organisation {wanted}.", f"没有单位“{wanted}”。")
    return found[0]


def _refuse(error: HazardFlowError) -> None:
    # Imported here: sentences need the whole vocabulary, which only a refusal asks for.
    from hazard_flow.web.sentences import error_sentence, field_sentence

    zone = settings_or_exit().zone
    for locale in ("en", "zh"):
        click.echo(error_sentence(error.code, error.params, locale, zone), err=True)
        for one in error.fields:
            click.echo(f"  {one.field}: {field_sentence(one, locale, zone)}", err=True)
    raise SystemExit(1)
