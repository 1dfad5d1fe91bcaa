"""A replay in words for its page: figures, chart, what would be different line by line, and how to read it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.hazards.marks import tier
from hazard_flow.hazards.past import Fired
from hazard_flow.hazards.replaying import NotFollowed
from hazard_flow.identity.queries import names
from hazard_flow.rulebook.comparing import Difference, Totals
from hazard_flow.rulebook.replay import HazardReplay, Replay
from hazard_flow.rulebook.views import ChangeRow, Chart, LostRow
from hazard_flow.rulebook.weeks import chart
from hazard_flow.rulebook.words import Words
from hazard_flow.web.formats import duration_text
from hazard_flow.web.views import Kpi
from hazard_flow.workflow.definition import Workflow

#: lines of the table
ROWS_SHOWN = 100
_SEVERE = ("orange", "red")
#: an outcome that weighs
_STRONG = ("new", "gone")


@dataclass(frozen=True)
class Result:
    """What the page shows of a replay."""

    workflow_id: str
    since: datetime
    until: datetime
    hazards: int
    kpis: tuple[Kpi, ...]
    #: who hears more or less by most, in a sentence; empty where nobody does
    most_changed: str
    chart: Chart
    rows: tuple[ChangeRow, ...]
    rows_total: int
    #: reminders that would be different: counted, not listed
    reminders: int
    lost: tuple[LostRow, ...]
    lost_total: int
    notes: tuple[str, ...]
    is_changed: bool
    told: tuple[int, int]
    seconds: float = 0.0


def result(session: Session, found: Replay, words: Words) -> Result:
    """Put a replay into words."""
    people = names(session, found.people())
    totals = found.totals
    rows = [
        (hazard, one)
        for hazard in found.hazards
        for one in hazard.differences
        if one.outcome != "same" and one.shown.level >= 0
    ]
    reminders = sum(
        one.outcome != "same" and one.shown.level < 0
        for hazard in found.hazards
        for one in hazard.differences
    )
    lost = [(hazard, one) for hazard in found.hazards for one in hazard.not_followed]
    every = [one for hazard in found.hazards for one in hazard.differences]
    return Result(
        workflow_id=found.workflow.id,
        since=found.period.since,
        until=found.period.until,
        hazards=len(found.hazards),
        kpis=_kpis(totals, words),
        most_changed=_most_changed(totals, people, words),
        chart=chart(every, found.period, words.rules.zone),
        rows=tuple(_rows(rows[:ROWS_SHOWN], people, words)),
        rows_total=len(rows),
        reminders=reminders,
        lost=tuple(_lost(hazard, one, found.workflow, words) for hazard, one in lost[:ROWS_SHOWN]),
        lost_total=len(lost),
        notes=tuple(_notes(found, totals, words)),
        is_changed=bool(rows or lost or reminders),
        told=(
            sum(one.was is not None for one in every),
            sum(one.replayed is not None for one in every),
        ),
    )


def _kpis(totals: Totals, words: Words) -> tuple[Kpi, ...]:
    def median(span: timedelta | None) -> str:
        return words.say("replay.kpi.median", time=duration_text(span, words.locale)) if span else ""

    def change(pair: tuple[int, int]) -> str:
        return words.say("replay.kpi.change", before=f"{pair[0]:,}", after=f"{pair[1]:,}")

    def count(outcome: str) -> str:
        return str({str(name): n for name, n in totals.counts.items()}.get(outcome, 0))

    severe = tuple(sum(totals.colours[colour][side] for colour in _SEVERE) for side in (0, 1))
    readdressed = totals.counts.get("readdressed", 0)
    return (
        Kpi(words.say("replay.kpi.earlier"), count("earlier"), note=median(totals.median_earlier)),
        Kpi(words.say("replay.kpi.later"), count("later"), note=median(totals.median_later)),
        Kpi(words.say("replay.kpi.new"), count("new")),
        Kpi(
            words.say("replay.kpi.gone"),
            count("gone"),
            note=words.say("replay.kpi.readdressed", n=readdressed) if readdressed else "",
        ),
        Kpi(
            words.say("replay.kpi.severe"),
            _signed(severe[1] - severe[0]),
            note=change((severe[0], severe[1])),
        ),
        Kpi(words.say("replay.kpi.told"), *_percent(totals.told), note=change(totals.told)),
    )


def _percent(pair: tuple[int, int]) -> tuple[str, str]:
    """The change in percent with its unit; the plain difference where there was nothing before."""
    if not pair[0]:
        return _signed(pair[1]), ""
    return _signed(round(100 * (pair[1] - pair[0]) / pair[0])), "%"


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−") if number else "0"


def _most_changed(totals: Totals, people: Mapping[uuid.UUID, str], words: Words) -> str:
    if totals.most_changed is None:
        return ""
    person, (before, after) = totals.most_changed
    name = people.get(person, words.somebody())
    return words.say("replay.most_changed", person=name, before=before, after=after)


def _rows(
    found: list[tuple[HazardReplay, Difference]], people: Mapping[uuid.UUID, str], words: Words
) -> list[ChangeRow]:
    rows, last = [], ""
    for hazard, one in found:
        rows.append(
            ChangeRow(
                number=hazard.number,
                title=hazard.title,
                tier=tier(hazard.level, hazard.urgency),
                limit=words.timer_name(one.shown.timer),
                rung=_rung(one.shown, words),
                colour=one.shown.colour,
                was_at=one.was.at if one.was else None,
                now_at=one.replayed.at if one.replayed else None,
                to=_to(one, people, words),
                change=_change(one, words),
                is_first=hazard.number != last,
                is_strong=one.outcome in _STRONG,
            )
        )
        last = hazard.number
    return rows


def _rung(fired: Fired, words: Words) -> str:
    if fired.cycle:
        return words.say("replay.cycle", n=fired.level + 1, cycle=fired.cycle)
    return words.say("replay.rung", n=fired.level + 1)


def _change(one: Difference, words: Words) -> str:
    if one.outcome in ("earlier", "later"):
        return words.say(f"replay.outcome.{one.outcome}", time=duration_text(one.shift, words.locale))
    return words.say(f"replay.outcome.{one.outcome}")


def _to(one: Difference, people: Mapping[uuid.UUID, str], words: Words) -> str:
    def named(side: Fired) -> str:
        return words.listed(list(dict.fromkeys(people.get(p, words.somebody()) for p in side.people))) or "–"

    if (
        one.expected is not None
        and one.replayed is not None
        and set(one.expected.people) != set(one.replayed.people)
    ):
        return words.say("replay.kpi.change", before=named(one.expected), after=named(one.replayed))
    return named(one.shown)


def _lost(hazard: HazardReplay, one: NotFollowed, draft: Workflow, words: Words) -> LostRow:
    def state(key: str) -> str:
        return draft.states[key].label.in_(words.locale) if key in draft.states else key

    return LostRow(
        number=hazard.number,
        at=one.at,
        action=words.action(draft.key, one.action),
        state=state(one.state),
        why=words.say(f"replay.lost.{one.reason}"),
        went_on=state(one.went_on_in) if one.went_on_in else "–",
    )


def _notes(found: Replay, totals: Totals, words: Words) -> list[str]:
    notes = []
    walked = len(found.hazards)
    if found.found > walked:
        notes.append(words.say("replay.note.limit", found=found.found, n=walked))
    real = sum(one.recorded is not None for hazard in found.hazards for one in hazard.differences)
    if found.unexplained:
        notes.append(words.say("replay.note.unexplained", n=found.unexplained))
    elif real:
        notes.append(words.say("replay.note.reproduced", n=real))
    if totals.missed:
        notes.append(words.say("replay.note.missed", n=totals.missed))
    cut = sum(hazard.is_cut for hazard in found.hazards)
    if cut:
        notes.append(words.say("replay.note.cut", n=cut))
    notes += [words.say("replay.note.directory"), words.say("replay.note.people")]
    installed = [v for key, v in words.rules.workflows if key == found.workflow.key]
    if found.workflow.version in installed:
        notes.append(words.say("replay.note.version", workflow=found.workflow.id, next=max(installed) + 1))
    return notes
