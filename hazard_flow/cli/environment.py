"""What every command needs first: the settings, the log, a way to stop with a clear sentence."""

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import click
import structlog
from structlog.tracebacks import ExceptionDictTransformer

from hazard_flow.settings import Settings, SettingsRefused, load_settings

EXIT_SETTINGS = 2


def settings_or_exit(**overrides: Any) -> Settings:
    """The settings of this environment; a wrong one ends the command, naming each and the allowed form."""
    try:
        return load_settings(os.environ, **overrides)
    except SettingsRefused as refused:
        click.echo(f"Wrong settings 设置有误:\n{refused}", err=True)
        sys.exit(EXIT_SETTINGS)


def stop(english: str, chinese: str, *, code: int = 1) -> NoReturn:
    """End the command with one sentence in both languages."""
    click.echo(f"{english}\n{chinese}", err=True)
    sys.exit(code)


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Around the import of the application: the collector would walk a thousand modules that never die, a sixth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def configure_log() -> None:
    """One JSON object a line on stderr: values can never forge a line of their own."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without local variables: they hold passwords, tokens and names.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
