"""Ways out of the house. A module in this folder with `make(settings)` is one; it says which words of a ladder's `by` it carries."""

import importlib
import pkgutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hazard_flow.errors import OutsideWorld
from hazard_flow.notifications.wording import Wording
from hazard_flow.settings import Settings


@dataclass(frozen=True)
class Recipient:
    """Whom to reach, and where."""

    person_id: uuid.UUID
    name: str
    locale: str
    active: bool
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Notice:
    """One message ready to leave."""

    #: of the outbox row; the same on every attempt, so that a repeated message can be recognised as such
    id: uuid.UUID
    recipient: Recipient
    wording: Wording
    created_at: datetime
    #: address of the page to act on, empty where there is none
    link: str = ""


@dataclass(frozen=True)
class Delivery:
    """What became of one notice: gone out, or why not."""

    notice: Notice
    error: OutsideWorld | None = None


class ChannelDown(OutsideWorld):
    """The service behind a channel cannot be reached or refuses us: nobody's message got out, trying each would not help."""

    code = "channel_down"


class BrokenOff(ChannelDown):
    """The service was there and broke off at one message: perhaps its own fault, so it waits longest and may be given up."""


class Channel(Protocol):
    """A way out of the house.

    A refused message says why in the `reason` of its error, the code of a sentence `notice.reason.<code>`; the outside world's own words
    go into its detail, which only keepers read.
    """

    name: str
    #: the words of a ladder's `by` it carries
    carries: tuple[str, ...]

    def reaches(self, recipient: Recipient) -> bool:
        """Whether the person has an address here."""

    def send(self, notices: Sequence[Notice]) -> Iterator[Delivery]:
        """Send one after the other and say of each what became of it; raise `ChannelDown` to leave the rest for later."""


def open_channels(settings: Settings) -> tuple[Channel, ...]:
    """The channels this deployment's settings open, in name order; a missing one leaves its words to the inbox."""
    found = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        make = getattr(importlib.import_module(f"{__name__}.{module.name}"), "make", None)
        channel = make(settings) if make is not None else None
        if channel is not None:
            found.append(channel)
    return tuple(found)
