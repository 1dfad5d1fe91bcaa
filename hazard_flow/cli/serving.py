"""`serve`, `web`, `worker`, `migrate`: the processes of an installation."""

import contextlib
import errno
import signal
import socket
import sys
from types import FrameType
from typing import TYPE_CHECKING, Protocol, cast

import click

from hazard_flow.cli.environment import configure_log, loading, settings_or_exit, stop
from hazard_flow.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication

    from hazard_flow.app import Application, Consumer, Worker


class Server(Protocol):
    """What we use of waitress, which has no annotations."""

    def run(self) -> None:
        """Take requests until the process is told to stop."""

    def close(self) -> None:
        """Give the port back."""


THREADS = 8
#: waitress takes the body before the application sees it: the largest any view takes, and a little
BODY_BYTES_MAX = 230_000_000
#: a connection that says nothing for so long is closed
IDLE_SECONDS = 60

_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on. 监听地址")
_PORT = click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="Port. 端口"
)


@click.command()
@_HOST
@_PORT
def serve(host: str, port: int) -> None:
    """Everything in one process: web, worker and the embedded database. 一个进程运行全部功能。"""
    configure_log()
    run(_settings(host, port), host=host, port=port)


@click.command()
@_HOST
@_PORT
def web(host: str, port: int) -> None:
    """The web process alone; start as many as you need. 只运行网页服务，可启动多个。"""
    configure_log()
    # Imported here: the application takes a second to load, `--help` must not wait for it.
    with loading():
        from hazard_flow import app

    application = app.build(_settings(host, port))
    _serve(app.create_web(application), application, host=host, port=port)


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


def run(settings: Settings, *, host: str, port: int) -> None:
    """Serve everything until SIGTERM or Ctrl-C; the embedded database is migrated first."""
    with loading():
        from hazard_flow import app  # as above

    application = app.build(settings)
    if application.is_embedded:
        upgrade(settings)
    demand_schema(application)
    serve_all(application, host=host, port=port)


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
    application: "Application", *, host: str, port: int, extra: "Mapping[str, Consumer] | None" = None
) -> None:
    """Web and worker of a built application in this process; `extra` runs beside the worker."""
    from hazard_flow import app  # as above

    background = app.make_worker(application, extra)
    _serve(app.create_web(application, background), application, host=host, port=port, background=background)


def _serve(
    flask: "WSGIApplication",
    application: "Application",
    *,
    host: str,
    port: int,
    background: "Worker | None" = None,
) -> None:
    with contextlib.ExitStack() as leaving:
        # Last in, first out: the signal may come at any line, and whatever was begun by then is ended.
        leaving.callback(application.database.dispose)
        server = _listen(flask, host=host, port=port, scheme=application.settings.PUBLIC_URL.split(":")[0])
        leaving.callback(server.close)
        if background is not None:
            leaving.callback(background.stop)
        signal.signal(signal.SIGTERM, _leave)
        if background is not None:
            background.start()
        click.echo(f"Hazard Flow  {application.settings.PUBLIC_URL}  (Ctrl-C stops 停止)", err=True)
        server.run()


def _listen(flask: "WSGIApplication", *, host: str, port: int, scheme: str) -> Server:
    from waitress import create_server  # type: ignore[import-untyped]

    made = create_server(
        flask,
        sockets=[bind(host, port)],
        threads=THREADS,
        ident="hazard-flow",
        url_scheme=scheme,
        max_request_body_size=BODY_BYTES_MAX,
        channel_timeout=IDLE_SECONDS,
        clear_untrusted_proxy_headers=False,
    )
    return cast("Server", made)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; a busy port ends the command with a clear sentence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            stop(
                f"Port {port} is in use; choose another with --port.",
                f"端口 {port} 已被占用，请用 --port 换一个。",
            )
        stop(f"Cannot listen on {host}:{port}: {error.strerror}.", f"无法监听 {host}:{port}。")


def _settings(host: str, port: int) -> Settings:
    """Links lead to where this process listens, unless PUBLIC_URL says better."""
    settings = settings_or_exit()
    if "PUBLIC_URL" in settings.model_fields_set:
        return settings
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return settings.model_copy(update={"PUBLIC_URL": f"http://{shown}:{port}"})


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
