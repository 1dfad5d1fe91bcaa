"""What every request reaches for: database, clock, settings and the registries, kept on the Flask application."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from flask import current_app
from sqlalchemy.orm import Session

from hazard_flow.clock import Clock
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor
from hazard_flow.settings import Settings
from hazard_flow.storage.unit import Database
from hazard_flow.web.checks import Checks
from hazard_flow.web.panels import Navigation, Panels

T = TypeVar("T")
EXTENSION = "hazard_flow"


@dataclass(frozen=True)
class DemoAccount:
    """Somebody a visitor of the demo may sign in as with one click; never filled outside a demo."""

    username: str
    password: str
    name: str
    role: Label
    organisation: Label


@dataclass(frozen=True)
class ManualPage:
    """A page of the manual that a feature draws: its place in the list of chapters."""

    key: str
    href: str
    #: key of the sentence in messages.yaml
    label: str


@dataclass(frozen=True)
class Kernel:
    """The parts of the application the web needs; built once by `app`."""

    settings: Settings
    database: Database
    clock: Clock
    #: other parts by their class, such as the evidence store
    parts: Mapping[type, object] = field(default_factory=dict)
    panels: Panels = field(default_factory=Panels)
    navigation: Navigation = field(default_factory=Navigation)
    checks: Checks = field(default_factory=Checks)
    manual: list[ManualPage] = field(default_factory=list)
    is_demo: bool = False
    demo_accounts: tuple[DemoAccount, ...] = ()


def kernel() -> Kernel:
    """The kernel of the application that serves this request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Kernel)
    return found


def part(kind: type[T]) -> T:
    """A part of the application by its class: `part(Store)`."""
    found = kernel().parts[kind]
    assert isinstance(found, kind)
    return found


def now() -> datetime:
    """The instant of the request; read here at the edge and passed down as an argument."""
    return kernel().clock.now()


@contextlib.contextmanager
def reading(actor: Actor) -> Iterator[Session]:
    """A session that sees what this person may see."""
    with kernel().database.reading(actor.scope) as session:
        yield session


@contextlib.contextmanager
def writing(actor: Actor) -> Iterator[Session]:
    """A transaction in this person's scope; commits at the end of the block."""
    with kernel().database.transaction(actor.scope) as session:
        yield session
