"""`demo`: the made-up city, built once and served with a real broker where mosquitto is there."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from hazard_flow.cli.environment import configure_log, loading, settings_or_exit
from hazard_flow.cli.listening import Doors, bind
from hazard_flow.cli.serving import serve_all, upgrade
from hazard_flow.settings import Settings

if TYPE_CHECKING:
    from hazard_flow.app import Application

#: whom the demo's seal names; made up, as the city is
SEALED_BY = "云泽市燃气安全监管平台（演示）"
FILE = "demo.json"
HOST = "127.0.0.1"


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port. 端口")
@click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Where the demo lives. 数据目录"
)
@click.option("--once", is_flag=True, help="Build, write demo.json and stop. 只生成数据后退出")
def demo(port: int, data_dir: Path | None, once: bool) -> None:
    """A working city to try everything in. 打开可以随意试用的演示城市。"""
    configure_log()
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    from hazard_flow.simulation.servers import broker_if_there

    folder = (data_dir or settings_or_exit().DATA_DIR / "demo").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if once:
        _prepare(_settings(folder, port, mqtt_url=None))
        return
    # Before minutes of building: a busy port is no news for the end of them.
    bind(HOST, port).close()
    if not (folder / FILE).exists():
        _build_apart(folder, port)
    with broker_if_there(folder / "broker") as broker:
        settings = _settings(folder, port, mqtt_url=broker.url if broker else None)
        facts = _prepare(settings)
        _show(facts)
        _serve(settings, facts, port)


def _build_apart(folder: Path, port: int) -> None:
    """Build in a process of its own: drawing a city takes twice the memory of serving it, and a process never gives it all back."""
    command = [
        sys.executable,
        "-m",
        "hazard_flow",
        "demo",
        "--once",
        "--data-dir",
        str(folder),
        "--port",
        str(port),
    ]
    code = subprocess.run(command, check=False).returncode
    if code:
        raise SystemExit(code)


def _settings(folder: Path, port: int, *, mqtt_url: str | None) -> Settings:
    return settings_or_exit(DATA_DIR=folder, PUBLIC_URL=f"http://{HOST}:{port}", MQTT_URL=mqtt_url)


def _prepare(settings: Settings) -> dict[str, Any]:
    """The facts of demo.json: of the city that stands, or of one built now. The file is written last, so a broken build is built anew."""
    with loading():
        from hazard_flow import app  # as above

    path = settings.DATA_DIR / FILE
    if path.exists():
        upgrade(settings)
        facts = json.loads(path.read_text("utf-8"))
    else:
        _clear(settings)
        upgrade(settings)
        application = app.build(settings)
        facts = _build(application)
        application.database.dispose()
    facts |= {
        "base_url": settings.PUBLIC_URL,
        "sources": [{**one, "url": settings.PUBLIC_URL + one["path"]} for one in facts["sources"]],
        "mqtt_url": settings.MQTT_URL or None,
    }
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "utf-8")
    os.replace(temporary, path)
    return dict(facts)


def _build(application: "Application") -> dict[str, Any]:
    from hazard_flow import app  # as above
    from hazard_flow.reports.worker import Press
    from hazard_flow.simulation import city

    begun = time.monotonic()
    console = Console(stderr=True)
    trust = _sealing_key(application.settings, application.clock.now())
    with console.status("building the city 正在生成演示城市"):
        built = city.build(
            application.database, application.store, application.clock, handlers=application.handlers
        )
    with console.status("issuing closure files 正在生成销号档案"), Press() as press:
        issuer = app.make_issuer(application, press)
        while issuer.drain(application.clock.now()):
            pass
    console.print(f"{len(built.hazards)} hazards 件隐患, {time.monotonic() - begun:.0f} s")
    return {
        "base_url": "",
        "accounts": [
            {
                "role": one.role,
                "roles": list(one.roles),
                "organisation": one.organisation,
                "username": one.username,
                "password": one.password,
                "totp_secret": one.totp_secret,
                "api_token": one.api_token,
            }
            for one in built.accounts
        ],
        "sources": [{"kind": kind, "path": path} for kind, path in sorted(built.source_paths.items())],
        "mqtt_url": None,
        "trust": str(trust) if trust else None,
    }


def _sealing_key(settings: Settings, now: datetime) -> Path | None:
    """The certificate to trust for the demo's closure files; its key is made once. None where a key of one's own is set."""
    from hazard_flow.ledger.new_key import make_key  # as above

    if settings.SIGNING_KEY:
        return None
    folder = settings.DATA_DIR.resolve() / "keys"
    trust = folder / "seal-ca.pem"
    if not trust.exists() and not (folder / "seal.p12").exists():
        passphrase = settings.SIGNING_KEY_PASSPHRASE.get_secret_value()
        make_key(folder, organisation=SEALED_BY, country="CN", passphrase=passphrase, now=now)
    return trust if trust.exists() else None


def _clear(settings: Settings) -> None:
    """Remove what an interrupted build left; only the demo's own embedded database and store."""
    for path in settings.DATA_DIR.glob("hazard_flow.db*"):
        path.unlink()
    shutil.rmtree(settings.DATA_DIR / "store", ignore_errors=True)


def _serve(settings: Settings, facts: dict[str, Any], port: int) -> None:
    from hazard_flow import app  # as above
    from hazard_flow.simulation.feed import Feed

    application = app.build(settings, demo_accounts=app.demo_accounts(settings, facts["accounts"]))
    feed = Feed(application.database, application.clock, settings.MQTT_URL or None)
    serve_all(application, Doors(HOST, port), extra={"feed": feed.run})


def _show(facts: dict[str, Any]) -> None:
    console = Console()
    table = Table(title=f"Hazard Flow demo 演示: {facts['base_url']}", title_justify="left")
    for heading in ("role 岗位", "organisation 单位", "username 账号", "password 密码"):
        table.add_column(heading)
    for one in facts["accounts"]:
        table.add_row(one["role"], one["organisation"], one["username"], one["password"])
    console.print(table)
    for source in facts["sources"]:
        console.print(f"{source['kind']}: {source['url']}", soft_wrap=True)
    if facts.get("trust"):
        console.print(f"verify 核验: hazard-flow verify FILE.pdf --trust {facts['trust']}", soft_wrap=True)
    console.print(
        f"MQTT: {facts['mqtt_url'] or 'no broker here; alarms come over HTTP 无代理'}", soft_wrap=True
    )
