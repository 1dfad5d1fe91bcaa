"""Mappings for senders whose JSON is their own: where in a message the site, the device, the alarm and the measured values stand. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.telemetry.sources.reading import word

#: `data.items[0].name`; a key with dots or brackets in it is written in quotes: `data."a.b"`
_STEP = re.compile(r'(?:^|\.)(?:"(?P<quoted>[^"]+)"|(?P<key>[^."\[\]]+))|\[(?P<index>\d{1,4})\]')
Step = str | int


@dataclass(frozen=True)
class Path:
    """Where something stands in a JSON value, as steps into it."""

    steps: tuple[Step, ...]

    def of(self, value: Any) -> Any:
        """What stands there; None where nothing does."""
        for step in self.steps:
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and step < len(value) else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
            if value is None:
                return None
        return value


def read_path(text: str) -> Path | None:
    """A path as it is written in a file; None if it is none."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            return None
        steps.append(int(found["index"]) if found["index"] is not None else found["quoted"] or found["key"])
        at = found.end()
    return Path(tuple(steps)) if steps else None


@dataclass(frozen=True)
class Clock:
    """How a sender writes time: with `layout` (as strptime has it) in `zone`; without one ISO 8601 or a number since 1970."""

    path: Path
    layout: str = ""
    zone: ZoneInfo | None = None

    def stamp(self, item: Any) -> object:
        """The time in a form `observed_instant` reads; a text it cannot read stays itself, and is then remarked on."""
        said = self.path.of(item)
        try:
            instant = self._read(said)
        except (ValueError, OverflowError):
            return said
        if instant is None:
            return said
        return (instant if instant.tzinfo else instant.replace(tzinfo=self.zone or UTC)).isoformat()

    def _read(self, said: Any) -> datetime | None:
        if self.layout:
            return datetime.strptime(word(said), self.layout)  # noqa: DTZ007 - the zone comes next
        return datetime.fromisoformat(said) if self.zone is not None and isinstance(said, str) else None


@dataclass(frozen=True)
class Words:
    """Which words of a field mean what; `otherwise` for all others, None refuses them."""

    path: Path
    meanings: Mapping[str, str]
    otherwise: str | None = None

    def of(self, item: Any) -> tuple[str | None, str]:
        """The meaning, and the word itself."""
        value = self.path.of(item)
        said = str(value).lower() if isinstance(value, bool) else word(value)
        return self.meanings.get(said, self.otherwise), said


@dataclass(frozen=True)
class Statement:
    """Where an alarm stands: which one it is, which episode of it (if the sender says), firing or resolved, how bad."""

    identity: tuple[Path, ...]
    status: Words
    episode: Path | None = None
    level: Words | None = None
    summary: Path | None = None
    labels: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """Where a measured value stands, and what to multiply it by, by the unit the message names or once for all."""

    path: Path
    scale: float = 1.0
    unit: Path | None = None
    units: Mapping[str, float] = field(default_factory=dict)

    def scale_of(self, item: Any) -> float | None:
        """The factor; None where the message names a unit nobody listed."""
        return self.scale if self.unit is None else self.units.get(word(self.unit.of(item)))


@dataclass(frozen=True)
class FieldMap:
    """A whole mapping file."""

    items: Path | None
    site: Path | None
    device: Path | None
    id: Path | None
    clock: Clock | None
    quality: Path | None
    statement: Statement | None
    values: Mapping[str, Value]

    def each(self, body: Any) -> Iterator[Any]:
        """The entries a message holds: the list at `items`, or the body itself, which may be a list too."""
        found = self.items.of(body) if self.items is not None else body
        yield from found if isinstance(found, list) else [found]
