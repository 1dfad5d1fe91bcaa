"""The running time limits of a hazard as its page draws them, the original and the asked-for deadline on one span; and the next firings."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from hazard_flow.hazards.forecast import Forecast
from hazard_flow.hazards.marks import countdown
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.shown import Words, moment
from hazard_flow.hazards.story import limit_name
from hazard_flow.hazards.views import Clock, Firing
from hazard_flow.workflow.definition import TimerRule, Workflow

#: the limit a hazard is named by; its original and its asked-for end are drawn
RECTIFY = "rectify"
#: the mark that ends the make-safe clock
CONTROLLED = "control_started"
#: time limits drawn large; the others stand below in a line each
LARGE_MAX = 2
FIRINGS_SHOWN = 3


def soonest(ahead: Sequence[Forecast]) -> Mapping[str, Forecast]:
    """The first firing to come of each time limit."""
    found: dict[str, Forecast] = {}
    for firing in sorted(ahead, key=lambda f: (f.due_at, f.level)):
        found.setdefault(firing.name, firing)
    return found


def clocks(
    words: Words,
    hazard: Hazard,
    workflow: Workflow,
    ahead: Sequence[Forecast],
    *,
    now: datetime,
    elsewhere: Collection[str] = (),
) -> tuple[Clock, ...]:
    """Make-safe first, then rectification, then by expiry; limits shown `elsewhere` on the page are left out."""
    if not hazard.is_open:
        return ()
    make_safe = [name for name, rule in workflow.clocks.items() if CONTROLLED in rule.until]
    running = [f for name, f in soonest(ahead).items() if name not in elsewhere]
    running.sort(key=lambda f: (f.name not in make_safe, f.name != RECTIFY, f.expires_at))
    drawn = [
        _clock(
            words, hazard, firing, now=now, is_make_safe=firing.name in make_safe, is_small=place >= LARGE_MAX
        )
        for place, firing in enumerate(running)
    ]
    met = [
        _met(words, hazard, name, rule)
        for name, rule in workflow.clocks.items()
        if name in make_safe and CONTROLLED in hazard.marks
    ]
    return (*met, *drawn)


def _clock(
    words: Words, hazard: Hazard, firing: Forecast, *, now: datetime, is_make_safe: bool, is_small: bool
) -> Clock:
    asked = _asked(hazard) if firing.name == RECTIFY else None
    end = max(asked, firing.expires_at) if asked is not None else firing.expires_at
    extended = firing.name == RECTIFY and hazard.original_due_at not in (None, hazard.due_at)
    original = hazard.original_due_at if extended else None
    seen = countdown(firing.expires_at, started_at=firing.started_at, now=now)
    return Clock(
        name=limit_name(words, firing.name),
        icon="shield-half" if is_make_safe else "clock-hour-4",
        countdown=seen,
        used_percent=_share(now, firing.started_at, end),
        original_due_at=original,
        original_percent=_share(original, firing.started_at, end) if original else None,
        asked_from_percent=_share(firing.expires_at, firing.started_at, end) if asked is not None else None,
        to=words.joined(words.name(p) for p in firing.people),
        note=_asked_note(words, asked, firing.expires_at),
        is_make_safe=is_make_safe,
        is_small=is_small,
    )


def _met(words: Words, hazard: Hazard, name: str, rule: TimerRule) -> Clock:
    """The make-safe limit once somebody acted: how fast, and what was allowed."""
    ended_at = datetime.fromisoformat(str(hazard.marks[CONTROLLED]))
    within = rule.within.for_(hazard.urgency) if rule.within else None
    minutes = max(0, int((ended_at - hazard.found_at).total_seconds() // 60))
    limit = words.say(f"hazards.span.{within.unit}", n=within.amount) if within else ""
    return Clock(
        name=limit_name(words, name),
        icon="shield-half",
        ended_at=ended_at,
        note=words.say("hazards.clock.met", took=_minutes(words, minutes), limit=limit),
        is_make_safe=True,
        is_small=True,
    )


def _minutes(words: Words, minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return words.say("web.duration.minutes", n=rest)
    shown = [words.say("web.duration.hours", n=hours)]
    return " ".join([*shown, *([words.say("web.duration.minutes", n=rest)] if rest else [])])


def _asked(hazard: Hazard) -> datetime | None:
    """The deadline an open request asks for."""
    asked = hazard.details.get("requested_due_at") if "extension" in read(hazard.proceedings).open else None
    return datetime.fromisoformat(str(asked)) if asked else None


def _asked_note(words: Words, asked: datetime | None, due_at: datetime) -> str:
    if asked is None:
        return ""
    rules = words.rules
    return words.say("hazards.clock.asked", asked=moment(asked, rules), due=moment(due_at, rules))


def _share(at: datetime, started_at: datetime, end: datetime) -> int:
    """Where an instant stands on a span, 0-100."""
    whole = (end - started_at).total_seconds()
    return 100 if whole <= 0 else max(0, min(100, round(100 * (at - started_at).total_seconds() / whole)))


def firings(words: Words, ahead: Sequence[Forecast]) -> tuple[Firing, ...]:
    """What will happen by itself next, and to whom."""
    return tuple(
        Firing(
            due_at=f.due_at,
            name=limit_name(words, f.name),
            level=f.level,
            to=tuple(words.name(p) for p in f.people),
            colour=f.colour,
        )
        for f in sorted(ahead, key=lambda f: f.due_at)[:FIRINGS_SHOWN]
    )
