"""What live pages can follow: each feature registers a topic with a cheap marker and what changed since one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

#: the topic's present marker: a number that grows with every change, asked of the database about once a second a process
Marker = Callable[[Session], int]
#: names of what changed after a marker, within the session's scope; None where they are too many to name
Changes = Callable[[Session, int], Sequence[str] | None]


@dataclass(frozen=True)
class Topic:
    """One thing to follow."""

    name: str
    marker: Marker
    changes: Changes
    #: who may follow it
    right: str


@dataclass(frozen=True)
class Topics:
    """The registered topics by name."""

    by_name: dict[str, Topic] = field(default_factory=dict)

    def register(self, topic: Topic) -> None:
        """One more."""
        assert topic.name not in self.by_name, f"the topic {topic.name!r} is registered already"
        self.by_name[topic.name] = topic


def read_markers(words: str) -> dict[str, int]:
    """`devices=12,alerts=7` as a browser sends it back; what is not such a pair is left out: then all of it counts as new."""
    found: dict[str, int] = {}
    for pair in words[:400].split(","):
        name, _, number = pair.strip().partition("=")
        if name.isidentifier() and number.isascii() and number.isdigit() and len(number) <= 18:
            found[name] = int(number)
    return found


def write_markers(markers: Mapping[str, int]) -> str:
    """The same the other way: the id of an event."""
    return ",".join(f"{name}={number}" for name, number in sorted(markers.items()))
