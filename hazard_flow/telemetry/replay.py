"""Recorded samples through the same rules in memory: which hazards a rule file would have opened. Reads no database and writes none."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import inf

from hazard_flow.telemetry.marks import Track
from hazard_flow.telemetry.replay_desk import Desk, Event, Subject
from hazard_flow.telemetry.replay_folding import Told, fold_combination, fold_stuck, fold_threshold, in_order
from hazard_flow.telemetry.replay_silence import Silences
from hazard_flow.telemetry.replay_values import Episode, Joining, Opening, Replayed, Series, Spot
from hazard_flow.telemetry.rules import Rules, Threshold
from hazard_flow.telemetry.scanning import Episode as Scanned

__all__ = ["Episode", "Joining", "Opening", "Replayed", "Series", "Spot", "replay"]


def replay(
    rules: Rules,
    topology: Mapping[str, Spot],
    stream: Iterable[Series],
    *,
    until: datetime | None = None,
    closes_after: timedelta | None = None,
) -> Replayed:
    """Fold the stream by the rules and say what it opens and what joins.

    `topology` names every device's spot; a device that is not in it is left out. `until` is when the record ends (None: with its newest
    sample): silence is counted to there. People close hazards, signals never do; `closes_after` supposes that somebody closes a hazard
    once all its alerts have been normal for so long (None: nobody ever does). A sample repeated exactly counts once; one received more
    than `late_window` after it was observed is left out, as in the field.
    """
    book = _Book(rules, topology)
    for series in stream:
        if series.device in topology:
            book.take(series)
    end = until.timestamp() if until else book.newest
    events = book.events(end)
    desk = Desk(rules, topology, book.silences, closes_after)
    for event in events:
        desk.take(event)
    desk.finish(end)
    return Replayed(tuple(desk.openings()), tuple(desk.joinings), tuple(book.episodes()))


class _Book:
    """Every alert's episodes as the series come in; of a series only what rules on the whole site need is kept."""

    def __init__(self, rules: Rules, topology: Mapping[str, Spot]) -> None:
        self._rules, self._topology = rules, topology
        self._told: list[Told] = []
        self._by_site: dict[str, dict[tuple[str, str], Track]] = defaultdict(dict)
        self._of_site = {part.quantity for rule in rules.combinations for part in rule.parts}
        self._of_site |= {rule.quantity for rule in rules.thresholds if rule.scope == "site"}
        self.silences = Silences(rules, topology)
        self.newest = -inf

    def take(self, series: Series) -> None:
        """Fold one series by the rules on a device."""
        rules, spot = self._rules, self._topology[series.device]
        track, received = in_order(series, rules)
        if not track.times:
            return
        interval = rules.interval(series.quantity, spot.expect_every)
        seconds = interval.total_seconds() if interval else None
        self.newest = max(self.newest, track.times[-1])
        self.silences.take(series.device, seconds, received)
        subject = Subject(series.device, spot.site)
        for rule in rules.on(series.quantity):
            if rule.scope == "device":
                self._tell(subject, rule, fold_threshold(rule, rules, track, seconds))
        if seconds is not None:
            for flat in rules.stuck:
                if flat.quantity == series.quantity:
                    self._told += fold_stuck(flat, rules, track, seconds, subject)
        if series.quantity in self._of_site:
            self._by_site[spot.site][series.device, series.quantity] = track

    def events(self, end: float) -> list[Event]:
        """Everything that happened, in order; of one instant the suspect first."""
        for site, tracks in self._by_site.items():
            self._fold_site(site, tracks)
        self._told += self.silences.told(end)
        return sorted(event for told in self._told for event in told.events() if event.at <= end)

    def episodes(self) -> list[Episode]:
        """All episodes, in order."""
        return sorted(
            (told.episode_shown() for told in self._told),
            key=lambda one: (one.started_at, one.rule, one.subject),
        )

    def _fold_site(self, site: str, tracks: Mapping[tuple[str, str], Track]) -> None:
        subject = Subject("", site)
        for combination in self._rules.combinations:
            for episode in fold_combination(combination, self._rules, tracks):
                self._told.append(Told(combination, subject, episode))
        for rule in self._rules.thresholds:
            if rule.scope == "site":
                merged = sorted(
                    pair
                    for (_, quantity), track in tracks.items()
                    if quantity == rule.quantity
                    for pair in zip(*track, strict=True)
                )
                interval = self._rules.interval(rule.quantity)
                whole = Track([at for at, _ in merged], [value for _, value in merged])
                self._tell(
                    subject,
                    rule,
                    fold_threshold(rule, self._rules, whole, interval.total_seconds() if interval else None),
                )

    def _tell(self, subject: Subject, rule: Threshold, episodes: Iterable[Scanned]) -> None:
        self._told += [Told(rule, subject, episode) for episode in episodes]
