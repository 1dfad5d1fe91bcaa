"""A checklist as values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from hazard_flow.i18n import Label

#: how an item is answered: good or not; a number off an instrument; a picture alone; one of some words
ANSWERS = ("yes_no", "reading", "photo", "choice")
#: when an item wants a photo: with every answer, with a failed one, or not at all
PHOTOS = ("always", "failed", "never")
#: what a yes-no item is answered with; the third only where the item allows it
GOOD, BAD, NOT_THERE = "yes", "no", "na"


@dataclass(frozen=True)
class Limits:
    """What a reading must keep to: a lowest and a highest value in the item's unit, or that many times another reading of the sheet."""

    low: Decimal | None = None
    high: Decimal | None = None
    #: key of the reading the two are multiples of
    times: str | None = None

    def keeps(self, value: Decimal, of: Decimal | None = None) -> bool:
        """Whether a value keeps to them; `of` is the other reading. What cannot be compared is not kept."""
        if self.times is not None and of is None:
            return False
        by = of if self.times is not None and of is not None else Decimal(1)
        return (self.low is None or value >= self.low * by) and (self.high is None or value <= self.high * by)


@dataclass(frozen=True)
class Choice:
    """One of the words an item is answered with."""

    key: str
    label: Label
    is_good: bool


@dataclass(frozen=True)
class Item:
    """One line of a checklist."""

    key: str
    text: Label
    #: where it is asked for, and how sure the number of the clause is
    clause: str
    mark: str
    answer: str
    unit: str = ""
    limits: Limits | None = None
    photo: str = "failed"
    #: may be answered with "there is none here"
    is_optional: bool = False
    choices: tuple[Choice, ...] = ()
    #: hazard a failed answer is; empty where it is only a remark
    catalogue: str = ""
    #: key of the heading it stands under
    part: str = ""


@dataclass(frozen=True)
class Checklist:
    """One released checklist. A change is a new file with a new version; what was answered keeps the version it was answered by."""

    key: str
    version: int
    label: Label
    #: line of work (`work_lines.WORK_LINES`)
    line: str
    #: kinds of assets it is made for; empty: for whatever is looked at
    kinds: tuple[str, ...]
    #: what the whole rests on, in words
    basis: Label
    parts: Mapping[str, Label]
    items: tuple[Item, ...]

    @property
    def id(self) -> str:
        """Key and version, as rounds note it: `valve_well.v1`."""
        return f"{self.key}.v{self.version}"

    @cached_property
    def by_key(self) -> Mapping[str, Item]:
        """The items by their keys."""
        return {item.key: item for item in self.items}
