"""`serve`, `web`, `worker`, `migrate`: the processes of an installation."""

import contextlib
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

import click

from hazard_flow.cli.environment import configure_log, loading, settings_or_exit, stop
from hazard_flow.cli.listening import PORT, SECURE_PORT, Doors, doors_of, listen, open_plain_door
from hazard_flow.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication

    from hazard_flow.app import Application, Consumer, Worker


_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on. 监听地址")
_PORT = click.option(
    "--port",
    default=None,
    show_default=f"{PORT}, with --tls {SECURE_PORT}",
    type=click.IntRange(0, 65535),
    help="Port. 端口",
)
_TLS = click.option(
    "--tls",
    "is_secure",
    is_flag=True,
    help="HTTPS, with the certificate of `tls init` or of the settings. 启用 HTTPS",
)
_PLAIN = click.option(
    "--http-port",
    default=None,
    type=click.IntRange(1, 65535),
    help="With --tls: a port without it that leads there, and shows tablets how to trust it. 同时开放的 HTTP 端口",
)


@click.command()
@_HOST
@_PORT
@_TLS
@_PLAIN
def serve(host: str, port: int | None, is_secure: bool, http_port: int | None) -> None:
    """Everything in one process: web, worker and the embedded database. 一个进程运行全部功能。"""
    configure_log()
    settings, doors = doors_of(host, port, is_secure=is_secure, http_port=http_port)
    run(settings, doors)


@click.command()
@_HOST
@_PORT
@_TLS
@_PLAIN
def web(host: str, port: int | None, is_secure: bool, http_port: int | None) -> None:
    """The web process alone; start as many as you need. 只运行网页服务，可启动多个。"""
    configure_log()
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    with loading():
        from hazard_flow import app

    settings, doors = doors_of(host, port, is_secure=is_secure, http_port=http_port)
    application = app.build(settings)
    _serve(app.create_web(application), application, doors)


@click.command()
def worker() -> None:
    """The worker process alone: timers, alarms, messages; start as many as you need. 只运行后台任务，可启动多个。"""
    configure_log()
    from hazard_flow import app  # as above

    application = app.build(settings_or_exit())
    demand_schema(application)
    app.make_worker(application).run()


@click.command()
def migrate() -> None:
    """Bring the database to the present shape. 升级数据库结构。"""
    upgrade(settings_or_exit())
    click.echo("The database is up to date. 数据库已是最新结构。")


def run(settings: Settings, doors: Doors) -> None:
    """Serve everything until SIGTERM or Ctrl-C; the embedded database is migrated first."""
    with loading():
        from hazard_flow import app  # as above

    application = app.build(settings)
    if application.is_embedded:
        upgrade(settings)
    demand_schema(application)
    serve_all(application, doors)


def upgrade(settings: Settings) -> None:
    """Bring the database to the present shape, or end the command with a clear sentence."""
    from alembic.util import CommandError  # as above
    from sqlalchemy.exc import OperationalError

    from hazard_flow import app

    try:
        app.upgrade(settings)
    except CommandError as error:
        stop(
            f"The database was made by another version: {error}.",
            "数据库由其他版本创建，请使用对应版本的程序。",
        )
    except OperationalError as error:
        stop(
            f"The database does not answer: {_first_line(error)}.",
            "数据库没有应答，请检查 HAZARD_FLOW_DATABASE_URL。",
        )


def serve_all(
    application: "Application", doors: Doors, *, extra: "Mapping[str, Consumer] | None" = None
) -> None:
    """Web and worker of a built application in this process; `extra` runs beside the worker."""
    from hazard_flow import app  # as above

    background = app.make_worker(application, extra)
    _serve(app.create_web(application, background), application, doors, background=background)


def _serve(
    flask: "WSGIApplication",
    application: "Application",
    doors: Doors,
    *,
    background: "Worker | None" = None,
) -> None:
    with contextlib.ExitStack() as leaving:
        # Last in, first out: the signal may come at any line, and whatever was begun by then is ended.
        leaving.callback(application.database.dispose)
        url = application.settings.PUBLIC_URL
        server = listen(flask, doors, scheme=url.split(":")[0])
        leaving.callback(server.close)
        if doors.http_port is not None:
            leaving.callback(open_plain_door(flask, doors, secure_url=url).close)
        if background is not None:
            leaving.callback(background.stop)
        signal.signal(signal.SIGTERM, _leave)
        if background is not None:
            background.start()
        click.echo(f"Hazard Flow  {url}  (Ctrl-C stops 停止)", err=True)
        server.run()


def demand_schema(application: "Application") -> None:
    """End the command with a clear sentence unless the database answers and has the present shape."""
    from sqlalchemy.exc import OperationalError  # as above

    from hazard_flow import app

    try:
        problem = app.schema_problem(application)
    except OperationalError as error:
        stop(
            f"The database does not answer: {_first_line(error)}.",
            "数据库没有应答，请检查 HAZARD_FLOW_DATABASE_URL。",
        )
    if problem is not None:
        stop(f"{problem.en}.", f"{problem.zh}。")


def _first_line(error: Exception) -> str:
    return str(error.__cause__ or error).strip().splitlines()[0]


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
