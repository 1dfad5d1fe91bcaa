"""A changed rule file against the one in use, on the same record: what each would have opened, and where they differ. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hazard_flow.telemetry.replay import Opening, Replayed, Series, Spot, replay
from hazard_flow.telemetry.rules import Rules, all_rules

#: hazards of one place and family opened this close together are the same to both files
SAME_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Count:
    """What one rule did under one file."""

    alerts: int = 0
    opened: int = 0
    joined: int = 0


@dataclass(frozen=True)
class Line:
    """One rule under both files; None: the file does not have it."""

    rule: str
    present: Count | None
    changed: Count | None


@dataclass(frozen=True)
class Trial:
    """The outcome of a try."""

    present_version: int
    changed_version: int
    changed_sha256: str
    samples: int
    devices: int
    since: datetime | None
    until: datetime | None
    lines: tuple[Line, ...]
    #: hazards opened under each, by family
    present_families: Mapping[str, int]
    changed_families: Mapping[str, int]
    #: hazards only one of them opens
    lost: tuple[Opening, ...]
    gained: tuple[Opening, ...]

    def as_json(self, *, shown: int | None = None) -> dict[str, Any]:
        """Plain values; of the differences at most `shown` each."""
        found = asdict(self)
        for name in ("since", "until"):
            found[name] = found[name].isoformat() if found[name] else None
        for name, openings in (("lost", self.lost), ("gained", self.gained)):
            found[f"{name}_count"] = len(openings)
            found[name] = [asdict(one) | {"at": one.at.isoformat()} for one in openings[:shown]]
        return found


def try_rules(
    present: Rules,
    changed: Rules,
    topology: Mapping[str, Spot],
    record: Sequence[Series],
    *,
    closes_after: timedelta,
    until: datetime | None = None,
) -> Trial:
    """Replay the record under both files. Somebody is supposed to close a hazard once its alerts were normal for `closes_after`."""
    before, after = (
        replay(rules, topology, record, until=until, closes_after=closes_after)
        for rules in (present, changed)
    )
    instants = [
        at for series in record if len(series.observed) for at in (series.observed[0], series.observed[-1])
    ]
    return Trial(
        present_version=present.version,
        changed_version=changed.version,
        changed_sha256=changed.sha256,
        samples=sum(len(series.observed) for series in record),
        devices=len({series.device for series in record}),
        since=_instant(min(instants, default=None)),
        until=until or _instant(max(instants, default=None)),
        lines=tuple(_lines(present, changed, before, after)),
        present_families=_families(before),
        changed_families=_families(after),
        lost=_missing(before.openings, after.openings),
        gained=_missing(after.openings, before.openings),
    )


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _families(found: Replayed) -> dict[str, int]:
    return dict(sorted(Counter(opening.family for opening in found.openings).items()))


def _lines(present: Rules, changed: Rules, before: Replayed, after: Replayed) -> Iterable[Line]:
    first, second = _counts(before), _counts(after)
    ids = dict.fromkeys([*(rule_ids(present)), *rule_ids(changed)])
    for rule in ids:
        yield Line(
            rule,
            first[rule] if rule in rule_ids(present) else None,
            second[rule] if rule in rule_ids(changed) else None,
        )


def rule_ids(rules: Rules) -> list[str]:
    """The ids of all rules of a file that samples can meet, in its order."""
    return [rule.id for rule in all_rules(rules)]


def _counts(found: Replayed) -> Mapping[str, Count]:
    alerts = Counter(episode.rule for episode in found.episodes)
    opened = Counter(opening.rule for opening in found.openings)
    joined = Counter(joining.rule for joining in found.joinings)
    counts: dict[str, Count] = defaultdict(Count)
    for rule in alerts.keys() | opened.keys() | joined.keys():
        counts[rule] = Count(alerts[rule], opened[rule], joined[rule])
    return counts


def _missing(these: Sequence[Opening], those: Sequence[Opening]) -> tuple[Opening, ...]:
    """The openings of the first that the second has no counterpart of."""
    others: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for one in those:
        others[one.site, one.family].append(one.at)
    return tuple(
        one for one in these if not any(abs(one.at - at) < SAME_WITHIN for at in others[one.site, one.family])
    )
