"""What stands open on a hazard beside its state, for its page: requests with their answer's limit, measures, signatures, a suspension."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.hazards.clocks import soonest
from hazard_flow.hazards.forecast import Forecast
from hazard_flow.hazards.marks import Countdown, countdown
from hazard_flow.hazards.matter_views import Matter, Way
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.past import Past, last
from hazard_flow.hazards.proceedings import CONTROL, Opened, Proceedings, read
from hazard_flow.hazards.shown import Words, moment_text, value_text
from hazard_flow.workflow.definition import Action, Workflow

Ways = Callable[[str], Way | None]

ICONS: Mapping[str, str] = {
    "control": "shield-half",
    "extension": "hourglass",
    "lowering": "trending-down",
    "transfer": "building",
    "listing": "gavel",
    "gas_stop": "lock",
    "plan": "list-details",
}
#: what a request or measure says of itself, from the form that opened it
_SAID: Mapping[str, tuple[str, ...]] = {
    "extension": ("requested_due_at", "extension_reason", "safety_during"),
    "lowering": ("requested_urgency", "reason"),
    "transfer": ("receiving_body", "transfer_basis"),
    "listing": ("listing_level", "listing_number", "supervising_unit"),
    "gas_stop": ("gas_ground", "seal_number", "resume_condition"),
    "plan": ("plan_schedule", "plan_people"),
}
_COUNTERS = ("failed_recheck", "visits", "extended")


@dataclass(frozen=True)
class Standing:
    """What the block is drawn from."""

    words: Words
    hazard: Hazard
    workflow: Workflow
    past: Sequence[Past]
    ahead: Sequence[Forecast]
    now: datetime
    way: Ways


def matters(standing: Standing) -> tuple[Matter, ...]:
    """Everything open, requests that wait for an answer first."""
    hazard = standing.hazard
    if not hazard.is_open:
        return ()
    found = read(hazard.proceedings)
    flags = sorted((f for f in found.open if f != CONTROL), key=lambda f: found.open[f].seq)
    drawn = [_request(standing, flag, found.open[flag]) for flag in flags]
    drawn += _signatures(standing, found)
    drawn += _suspension(standing)
    drawn += _control(standing, found)
    return tuple(drawn)


def matter_timers(workflow: Workflow, hazard: Hazard) -> frozenset[str]:
    """The time limits the block shows, so that they are not drawn twice."""
    standing = read(hazard.proceedings).open
    names = {n for a in workflow.actions.values() if a.opens in standing for n in a.starts}
    return frozenset(names | ({"review"} if _is_suspended(workflow, hazard) else set()))


def marks(words: Words, hazard: Hazard) -> tuple[str, ...]:
    """The open matters and the counts in a word each, for the head of the page."""
    found = read(hazard.proceedings) if hazard.is_open else Proceedings()
    flags = words.rules.fields.flags
    said = [_mark(words, hazard, flag) for flag in sorted(found.open) if flag in flags and flag != CONTROL]
    said += [words.say("hazards.mark.signed", n=len(set(signed))) for signed in found.signed.values()]
    if hazard.marks.get("conditional") and hazard.level != "major" and hazard.is_open:
        said.append(words.say("hazards.mark.conditional"))
    counters = {name: int(hazard.counters.get(name, 0)) for name in _COUNTERS}
    counters["return"] = len(found.uses.get("return", ()))
    said += [words.say(f"hazards.mark.{name}", n=n) for name, n in counters.items() if n]
    return tuple(said)


def _mark(words: Words, hazard: Hazard, flag: str) -> str:
    if flag == "extension" and hazard.details.get("requested_due_at"):
        until = moment_text(words, hazard.details["requested_due_at"])[5:10]
        return words.say("hazards.mark.extension", until=until)
    if flag == "listing" and hazard.details.get("listing_level"):
        level = value_text(words, "listing_level", hazard.details["listing_level"])
        return words.say("hazards.mark.listing", level=level)
    return (
        words.say(f"hazards.mark.{flag}")
        if flag in ICONS
        else words.rules.fields.flags[flag].in_(words.locale)
    )


def _request(standing: Standing, flag: str, opened: Opened) -> Matter:
    words, workflow = standing.words, standing.workflow
    event = next((e for e in standing.past if e.seq == opened.seq), None)
    fields: Mapping[str, Any] = event.fields if event is not None else {}
    settling = settlers(workflow, flag)
    clock = _clock(standing, [n for a in workflow.actions.values() if a.opens == flag for n in a.starts])
    return Matter(
        key=flag,
        label=words.rules.fields.flags[flag].in_(words.locale),
        icon=ICONS.get(flag, "hourglass"),
        since=datetime.fromisoformat(opened.at),
        by=words.by(opened.by),
        lines=_lines(words, flag, fields),
        clock=clock,
        waits=""
        if is_measure(workflow, flag) or any(standing.way(a.key) for a in settling)
        else _waits(words, settling),
        ways=tuple(
            way for a in workflow.actions.values() if a.shuts == flag and (way := standing.way(a.key))
        ),
    )


def settlers(workflow: Workflow, flag: str) -> list[Action]:
    """The acts by which somebody else answers a request: not the system's own, not the applicant's withdrawing."""
    return [
        a
        for a in workflow.actions.values()
        if a.shuts == flag and a.who != ("system",) and a.who[0] != "applicant"
    ]


def is_measure(workflow: Workflow, flag: str) -> bool:
    """Whether this stands by itself (a control, a gas stop, a listing) rather than waits for somebody's answer."""
    return any(a.sets for a in workflow.actions.values() if a.opens == flag)


def _lines(words: Words, flag: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    names = [name for name in _SAID.get(flag, ()) if fields.get(name) not in (None, "", [])]
    book = words.rules.fields.fields
    return tuple(
        words.say(
            "hazards.event.field",
            field=book[name].label.in_(words.locale),
            value=value_text(words, name, fields[name]),
        )
        for name in names
        if name in book
    )


def _waits(words: Words, settling: Sequence[Action]) -> str:
    return words.say("hazards.matter.waits", who=words.roles(settling[0].who)) if settling else ""


def _clock(standing: Standing, names: Sequence[str]) -> Countdown | None:
    running = [f for name, f in soonest(standing.ahead).items() if name in names]
    if not running:
        return None
    first = min(running, key=lambda f: f.expires_at)
    return countdown(first.expires_at, started_at=first.started_at, now=standing.now)


def _signatures(standing: Standing, found: Proceedings) -> list[Matter]:
    """Acts some have signed and others have not."""
    words, drawn = standing.words, []
    for key, signed in found.signed.items():
        action = standing.workflow.actions.get(key)
        if action is None or action.quorum < 2:
            continue
        event = last(standing.past, key)
        missing = [v for v in standing.hazard.verifier_ids if v not in signed]
        lines = [words.say("hazards.matter.signed", people=words.joined(words.name_of(p) for p in signed))]
        if missing:
            people = words.joined(words.name_of(p) for p in missing)
            lines.append(words.say("hazards.matter.unsigned", people=people))
        label = action.label.in_(words.locale)
        way = standing.way(key)
        drawn.append(
            Matter(
                key=f"signed:{key}",
                label=words.say(
                    "hazards.matter.signatures", action=label, have=len(set(signed)), needed=action.quorum
                ),
                icon="signature",
                since=event.at if event is not None else None,
                lines=tuple(lines),
                ways=(way,) if way is not None else (),
            )
        )
    return drawn


def _is_suspended(workflow: Workflow, hazard: Hazard) -> bool:
    return "review" in workflow.states[hazard.state].timers


def _suspension(standing: Standing) -> list[Matter]:
    """A hazard that is held up: why, what is watched meanwhile, when it is looked at again."""
    hazard, words = standing.hazard, standing.words
    if not _is_suspended(standing.workflow, hazard):
        return []
    event = next((e for e in standing.past if e.seq == hazard.state_seq), None)
    names = [n for n in ("reason", "monitoring") if hazard.details.get(n)]
    ways = tuple(way for key in ("resume", "review") if (way := standing.way(key)) is not None)
    return [
        Matter(
            key="blocked",
            label=standing.workflow.states[hazard.state].label.in_(words.locale),
            icon="barrier-block",
            since=hazard.state_entered_at,
            by=words.who(event.actor) if event is not None else "",
            lines=tuple(
                words.say(
                    "hazards.event.field",
                    field=words.rules.fields.fields[n].label.in_(words.locale),
                    value=value_text(words, n, hazard.details[n]),
                )
                for n in names
            ),
            clock=_clock(standing, ["review"]),
            ways=ways,
        )
    ]


def _control(standing: Standing, found: Proceedings) -> list[Matter]:
    """Interim controls in force, each with who put it there and when."""
    if not found.controls:
        return []
    words, names = standing.words, standing.words.rules.fields.controls
    lines = tuple(
        words.say(
            "hazards.matter.control",
            control=names[c.code].in_(words.locale) if c.code in names else c.code,
            who=words.by(c.by),
            at=moment_text(words, c.at)[5:],
        )
        for c in found.controls
    )
    ways = tuple(
        way
        for a in standing.workflow.actions.values()
        if a.shuts == CONTROL and (way := standing.way(a.key)) is not None
    )
    return [
        Matter(
            key=CONTROL,
            label=words.say("hazards.matter.controls", n=len(found.controls)),
            icon=ICONS[CONTROL],
            lines=lines,
            ways=ways,
        )
    ]
