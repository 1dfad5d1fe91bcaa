"""`check`: looks at everything an installation leans on and says what is wrong and how to mend it."""

import ctypes
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from hazard_flow.cli.environment import settings_or_exit
from hazard_flow.ledger.keys import KeyRefused
from hazard_flow.resources import PACKAGE, resource_dir
from hazard_flow.settings import Settings

if TYPE_CHECKING:
    from hazard_flow.app import Application

CONNECT_SECONDS = 3
#: a certificate that ends sooner is named
EXPIRY_WARNING = timedelta(days=30)
FONTS = ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf")
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do where it is wrong."""

    name: str
    is_ok: bool
    said: str
    mend: str = ""


@click.command()
def check() -> None:
    """What is wrong with this installation, and how to mend it. 检查安装是否完好，并说明如何修复。"""
    settings = settings_or_exit()
    findings = [finding for look in LOOKS for finding in look(settings)]
    for one in findings:
        click.echo(f"{'ok  ' if one.is_ok else 'FAIL'}  {one.name:<14} {one.said}")
        if not one.is_ok:
            click.echo(f"      {'mend 修复':<14} {one.mend}")
    sys.exit(0 if all(one.is_ok for one in findings) else 1)


def _settings(settings: Settings) -> Iterator[Finding]:
    given = ", ".join(sorted(settings.model_fields_set)) or "defaults only"
    yield Finding("settings 设置", True, given)
    folder = settings.DATA_DIR
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding(
            "data 数据目录",
            False,
            f"{folder}: {error.strerror}",
            "let this user write there, or set HAZARD_FLOW_DATA_DIR",
        )
    else:
        yield Finding("data 数据目录", True, str(folder.resolve()))


def _fonts(_settings: Settings) -> Iterator[Finding]:
    folder = PACKAGE / "web" / "static" / "vendor" / "fonts"
    missing = [name for name in FONTS if not (folder / name).is_file()]
    mend = "in a checkout run: python3 -m hazard_flow.dev setup; otherwise install the wheel again"
    yield Finding(
        "fonts 字体", not missing, "missing: " + ", ".join(missing) if missing else "Noto Sans SC", mend
    )
    absent = [name for name in LIBRARIES if not _loads(name)]
    mend = "as root: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    yield Finding(
        "pdf 排版", not absent, "missing: " + ", ".join(absent) if absent else "Pango and HarfBuzz", mend
    )


def _database(settings: Settings) -> Iterator[Finding]:
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    from hazard_flow import app

    shown = settings.database_url if settings.database_url.startswith("sqlite") else "PostgreSQL"
    try:
        application = app.build(settings)
        problem = app.schema_problem(application)
        lived_in = [] if problem is not None else [_guards(application), *_stuck(application)]
        application.database.dispose()
    except Exception as error:
        # Whatever the driver raises, the operator needs its first line and where to look.
        said = str(error).strip().splitlines()[0]
        yield Finding(
            "database 数据库", False, said, "see that it runs and that HAZARD_FLOW_DATABASE_URL is right"
        )
        return
    said = f"{problem.en} {problem.zh}" if problem is not None else shown
    yield Finding("database 数据库", problem is None, said, "run: hazard-flow migrate")
    yield from lived_in


def _guards(application: "Application") -> Finding:
    """Whether the database itself still refuses what was declared: somebody may have taken a trigger off."""
    from hazard_flow.storage import protection  # as above
    from hazard_flow.storage.scope import SYSTEM

    with application.database.reading(SYSTEM) as session:
        found = protection.differences(session.connection())
    mend = (
        "hazard-flow migrate puts it back; then run hazard-flow ledger verify and ask who took it off"
        f"\n{' ' * 21}hazard-flow migrate 可恢复；随后运行 hazard-flow ledger verify，并查明何人改动"
    )
    return Finding(
        "guards 防护", not found, "; ".join(found) or "triggers and policies stand 触发器与策略完好", mend
    )


def _stuck(application: "Application") -> Iterator[Finding]:
    """What lies in the data and no longer moves by itself, whether or not anything runs now."""
    from hazard_flow.hazards.checks import silent_numbers  # as above
    from hazard_flow.i18n import both
    from hazard_flow.storage.scope import SYSTEM
    from hazard_flow.watching import STUCK, make_checks

    checks, now = make_checks(application.settings).watch, application.clock.now()
    with application.database.reading(SYSTEM) as session:
        for name, short in STUCK.items():
            found = checks[name](session, now)
            told = found or both(f"watch.{name}.fine")
            named = f": {', '.join(silent_numbers(session))}" if found and name == "hazards_silent" else ""
            mend = both(f"watch.{name}.mend")
            yield Finding(
                short, found is None, f"{told.en} {told.zh}{named}", f"{mend.en}\n{' ' * 21}{mend.zh}"
            )


def _workflows(_settings: Settings) -> Iterator[Finding]:
    from hazard_flow.workflow.check import check_files  # as above

    files = sorted(resource_dir("workflows").glob("*.v*.yaml"))
    code, rows = check_files(files)
    said = (
        f"{len(files)} files" if code == 0 else f"{rows[0]['file']}:{rows[0]['line']}: {rows[0]['message']}"
    )
    yield Finding("workflows 流程", code == 0, said, "run: hazard-flow workflow check FILE")


def _broker(settings: Settings) -> Iterator[Finding]:
    name = "broker 消息代理"
    if not settings.MQTT_URL:
        yield Finding(name, True, "not set 未设置")
        return
    from hazard_flow.i18n import both  # as above
    from hazard_flow.telemetry.broker.looking import look
    from hazard_flow.telemetry.sources.mqtt import Broker

    broker = Broker(settings.MQTT_URL, settings.MQTT_CA, settings.MQTT_CERTIFICATE)
    at = ":".join(map(str, broker.address))
    faults = look(broker)
    for fault in faults:
        said = both(f"telemetry.broker.{fault.code}", detail=fault.detail)
        mend = both(f"telemetry.broker.{fault.code}.mend")
        yield Finding(name, False, f"{at} {said.en} {said.zh}", f"{mend.en}\n{' ' * 21}{mend.zh}")
    if not faults:
        fine = both("telemetry.broker.fine")
        yield Finding(name, True, f"{at} {fine.en} {fine.zh}")


def _mail(settings: Settings) -> Iterator[Finding]:
    name = "mail 邮件"
    if not settings.SMTP_URL:
        yield Finding(name, True, "not set 未设置")
        return
    parts = urlsplit(settings.SMTP_URL)
    host, number = parts.hostname or "", parts.port or 25
    try:
        socket.create_connection((host, number), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        mend = "see that it runs and that its address is right"
        yield Finding(name, False, f"{host}:{number} does not answer ({error})", mend)
    else:
        yield Finding(name, True, f"{host}:{number} answers")


def _tls(settings: Settings) -> Iterator[Finding]:
    """The certificate tablets see; without one everything works but the field app without a network."""
    from hazard_flow.web.tls.authority import AuthorityRefused, look  # as above
    from hazard_flow.web.tls.files import files_of

    name, now, files = "tls 证书", datetime.now(UTC), files_of(settings)
    if files.authority is None and not files.certificate.is_file() and not settings.TLS_CERTIFICATE:
        yield Finding(name, True, "not set up 未启用 (hazard-flow tls init)")
        return
    renewing = (
        "run: hazard-flow tls renew 运行 hazard-flow tls renew 续签"
        if files.authority is not None
        else "have it renewed where it was issued, and put it in its place 请向签发机构续签并替换文件"
    )
    for path, mend in (
        (files.certificate, renewing),
        (
            files.authority,
            "see “Tablets” in the manual: make a new authority 见帮助“平板”一章：重新生成根证书",
        ),
    ):
        if path is None:
            continue
        try:
            found = look(path)
        except (AuthorityRefused, OSError) as error:
            yield Finding(name, False, str(error), mend)
            continue
        soon = found.ends_at - now < EXPIRY_WARNING
        words = "ends 将到期" if found.ends_at > now else "ended 已到期"
        said = f"{path.name} {words if soon else 'until 有效至'} {found.ends_at:%Y-%m-%d}"
        yield Finding(name, not soon, said, mend)


def _seal(settings: Settings) -> Iterator[Finding]:
    """The sealing key; without one everything works, and files are issued unsealed."""
    from hazard_flow.reports.seal.keeper import key_holder  # as above

    name, now = "seal 签章", datetime.now(UTC)
    holder = key_holder(settings)
    try:
        key = holder.key(now)
    except KeyRefused as refused:
        mend = "see README, “Sealing”: replace the key or correct HAZARD_FLOW_SIGNING_KEY(_PASSPHRASE) 更换密钥或更正设置"
        yield Finding(name, False, f"{refused.said.en} {refused.said.zh}", mend)
        return
    if key is None:
        yield Finding(
            name, True, "no key: files are issued unsealed (hazard-flow seal init) 无密钥，档案不签章"
        )
        return
    left = key.certificate.not_valid_after_utc - now
    said = f"{key.holder}, {left.days} days left 剩余 {left.days} 天, SHA-256 {key.key_id[:16]}…"
    yield Finding(
        name, left > EXPIRY_WARNING, said, "the certificate expires soon: renew it 证书即将到期，请更换"
    )
    path = Path(holder.location)
    if path.is_file() and path.stat().st_mode & 0o077:
        yield Finding(
            "seal 签章",
            False,
            f"others can read the key file {path} 密钥文件可被他人读取",
            f"run: chmod 600 {path}",
        )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _settings,
    _fonts,
    _workflows,
    _database,
    _broker,
    _mail,
    _seal,
    _tls,
)
