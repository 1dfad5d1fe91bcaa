"""The mail service of the simulated city: up, refusing for now or for good, or down for hours. What it took, it delivered."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import UUID

from hazard_flow.errors import OutsideWorld
from hazard_flow.notifications.channels import BrokenOff, ChannelDown, Delivery, Notice, Recipient
from hazard_flow.notifications.dispatch import Post
from tests.harness.founding import ZONE

Mood = Literal["up", "down", "moody"]
#: of a hundred messages a moody service refuses so many for now, so many for good, and breaks off at so many
_FOR_NOW, _FOR_GOOD, _BREAKS_OFF = 20, 5, 3


class Mail:
    """A channel for `message` and `email`."""

    name = "email"
    carries: tuple[str, ...] = ("message", "email")

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.mood: Mood = "up"
        #: message id → how often it was delivered
        self.delivered: Counter[UUID] = Counter()

    def reaches(self, recipient: Recipient) -> bool:
        """Whoever has an address."""
        return recipient.email is not None

    def send(self, notices: Sequence[Notice]) -> Iterator[Delivery]:
        """One after the other, as the service's mood is."""
        if self.mood == "down":
            raise ChannelDown("no route to the mail server")
        for notice in notices:
            error = self._error() if self.mood == "moody" else None
            if error is None:
                self.delivered[notice.id] += 1
            yield Delivery(notice, error)

    def _error(self) -> OutsideWorld | None:
        throw = self._dice.randrange(100)
        if throw < _FOR_NOW:
            return OutsideWorld("452 mailbox full", reason="mailbox_full")
        if throw < _FOR_NOW + _FOR_GOOD:
            return OutsideWorld("550 no such user", permanent=True, reason="no_mailbox")
        if throw < _FOR_NOW + _FOR_GOOD + _BREAKS_OFF:
            raise BrokenOff("connection reset")
        return None


def post_with(mail: Mail) -> Post:
    """The post of a deployment that has this one channel."""
    return Post(channels=(mail,), zone=ZONE, public_url="https://hf.city.example")
