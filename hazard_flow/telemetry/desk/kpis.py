"""The figures of an alarm desk as ISA-18.2 and EEMUA 191 mean them. Pure: occurrences in, figures out.

Sources of the formulae, marked as they were come by: [S] read in a source, [K] from memory of a standard that could not be opened.
- Flood: more than ten new alarms in ten minutes begin one [S, EEMUA 191 / ISA-18.2 table], fewer than five end it [K].
- Rate: alarms a ten minutes, hour and day, per operator; about 150 a day acceptable, 300 the most [K, ISA-18.2]; 5 an hour [S, EEMUA 191].
- Chattering: three or more changes between alarm and normal within one minute [K]. Fleeting: over before anybody acted [K].
- Stale: standing for more than 24 hours; fewer than five [K]. Top ten: the ten most frequent sources make less than 5 % of the load [K].
- Priority mix: about 80 / 15 / 5 % low / medium / high as annunciated [S, exida and EEMUA 191]: a report, it limits nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=10)
CHATTER_WITHIN = timedelta(minutes=1)
PRIORITIES = ("low", "medium", "high")


@dataclass(frozen=True)
class Occurrence:
    """One alert as it was announced."""

    #: what alarmed: the device, else the site
    source: str
    site_zh: str
    site_en: str
    #: the alert whose episode it is
    alert: str
    priority: str
    raised_at: datetime
    ended_at: datetime | None
    acknowledged_at: datetime | None
    #: how often the limit of an acknowledgement passed
    misses: int
    is_live: bool


@dataclass(frozen=True)
class Flood:
    """A span in which alarms came faster than anybody can work."""

    began_at: datetime
    #: None while it lasts
    ended_at: datetime | None
    #: new alarms in it, and in its worst ten minutes
    alarms: int
    worst: int


@dataclass(frozen=True)
class Share:
    """So many of a whole; the percent is None where the whole is nothing."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """0 to 100."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Frequent:
    """A source with how often it alarmed."""

    source: str
    site_zh: str
    site_en: str
    alarms: int


@dataclass(frozen=True)
class Figures:
    """All figures of one span."""

    since: datetime
    until: datetime
    alarms: int
    #: per operator, averages over the span
    per_ten_minutes: float
    per_hour: float
    per_day: float
    #: new alarms in the worst ten minutes of the clock
    peak: int
    floods: tuple[Flood, ...]
    flood_percent: float
    chattering: tuple[str, ...]
    fleeting: int
    stale: tuple[Occurrence, ...]
    frequent: tuple[Frequent, ...]
    top: Share
    #: priority → share
    mix: Mapping[str, Share]
    in_time: Share


def figures(
    occurrences: Sequence[Occurrence],
    *,
    since: datetime,
    until: datetime,
    operators: int,
    flood_above: int,
    flood_below: int,
    chatter_changes: int,
    stale_after: timedelta,
    top: int,
) -> Figures:
    """The figures of a span; alerts raised before it count only as stale ones."""
    inside = [one for one in occurrences if since <= one.raised_at < until]
    raised = sorted(one.raised_at for one in inside)
    spans = floods(raised, above=flood_above, below=flood_below, until=until)
    per_window = len(raised) / ((until - since) / WINDOW) / operators
    most = frequent(inside)
    return Figures(
        since=since,
        until=until,
        alarms=len(raised),
        per_ten_minutes=per_window,
        per_hour=per_window * 6,
        per_day=per_window * 144,
        peak=max(buckets(raised, since=since, until=until), default=0),
        floods=tuple(spans),
        flood_percent=100 * sum((_length(one, until) for one in spans), timedelta()) / (until - since),
        chattering=chattering(inside, changes=chatter_changes),
        fleeting=sum(is_fleeting(one) for one in inside),
        stale=tuple(one for one in occurrences if is_stale(one, now=until, after=stale_after)),
        frequent=tuple(most[:top]),
        top=Share(sum(one.alarms for one in most[:top]), len(raised)),
        mix={key: Share(sum(one.priority == key for one in inside), len(inside)) for key in PRIORITIES},
        in_time=in_time(inside),
    )


def buckets(
    raised: Iterable[datetime], *, since: datetime, until: datetime, width: timedelta = WINDOW
) -> list[int]:
    """New alarms in each piece of a span, from its beginning; the last piece may be shorter."""
    count = -((since - until) // width)
    found = [0] * max(count, 0)
    for at in raised:
        if since <= at < until:
            found[(at - since) // width] += 1
    return found


def floods(raised: Sequence[datetime], *, above: int, below: int, until: datetime) -> list[Flood]:
    """Spans of flood among instants in order: begun where the last ten minutes hold more than `above`, over where fewer than `below`.

    An alarm is in the window for ten minutes from its instant, that instant included and its end not.
    """
    found: list[Flood] = []
    began, first, worst, inside = None, 0, 0, 0
    moves = sorted([(at + WINDOW, 0) for at in raised] + [(at, 1) for at in raised])
    seen = 0
    for at, is_new in moves:
        if at > until:
            break
        inside += 1 if is_new else -1
        seen += is_new
        if began is None and inside > above:
            began, first, worst = at, seen - inside, inside
        elif began is not None:
            worst = max(worst, inside)
            if inside < below:
                found.append(Flood(began, at, seen - first, worst))
                began = None
    if began is not None:
        found.append(Flood(began, None, seen - first, worst))
    return found


def chattering(occurrences: Iterable[Occurrence], *, changes: int) -> tuple[str, ...]:
    """Sources of an alert that changed between alarm and normal so often within a minute."""
    moves: dict[str, list[datetime]] = {}
    names: dict[str, str] = {}
    for one in occurrences:
        names[one.alert] = one.source
        moves.setdefault(one.alert, []).extend(at for at in (one.raised_at, one.ended_at) if at is not None)
    found = set()
    for alert, instants in moves.items():
        instants.sort()
        if any(
            last - first <= CHATTER_WITHIN
            for first, last in zip(instants, instants[changes - 1 :], strict=False)
        ):
            found.add(names[alert])
    return tuple(sorted(found))


def is_fleeting(one: Occurrence) -> bool:
    """Whether it was over before anybody acted."""
    return one.ended_at is not None and (one.acknowledged_at is None or one.acknowledged_at > one.ended_at)


def is_stale(one: Occurrence, *, now: datetime, after: timedelta) -> bool:
    """Whether it has been standing for too long."""
    return one.is_live and now - one.raised_at > after


def frequent(occurrences: Sequence[Occurrence]) -> list[Frequent]:
    """Sources by how often they alarmed, the most frequent first."""
    known = {one.source: one for one in occurrences}
    counted = Counter(one.source for one in occurrences)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Frequent(source, known[source].site_zh, known[source].site_en, n) for source, n in ordered]


def in_time(occurrences: Iterable[Occurrence]) -> Share:
    """Of the alerts that were acknowledged or should have been: those acknowledged before their limit."""
    judged = [one for one in occurrences if one.acknowledged_at is not None or one.misses]
    return Share(sum(not one.misses for one in judged), len(judged))


def _length(flood: Flood, until: datetime) -> timedelta:
    return (flood.ended_at or until) - flood.began_at
