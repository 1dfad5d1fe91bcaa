"""History tried on a draft, as the page asks for it: the form read, the draft proved, the comparison put into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.hazards.rules import Rules
from hazard_flow.rulebook.outcome import Result, result
from hazard_flow.rulebook.replay import Period, replay
from hazard_flow.rulebook.views import Refusal
from hazard_flow.rulebook.words import Words
from hazard_flow.web.views import FormError
from hazard_flow.workflow.deadlines import end_of_day
from hazard_flow.workflow.draft import read_draft
from hazard_flow.workflow.problems import Problem, Unreadable, WorkflowRefused

RIGHT = "workflows.replay"
#: hazards one request walks, the newest first: about two seconds on a small machine
HAZARDS_MAX = 300
DAYS_MAX = 366
DAYS_DEFAULT = 90
#: problems shown; a draft with more has a fault at its root
REFUSALS_SHOWN = 50
FILE = "draft.yaml"


@dataclass(frozen=True)
class Form:
    """What was asked, as the page shows it again."""

    text: str
    since: str
    until: str
    #: installed files to begin with: (address, name)
    bases: tuple[tuple[str, str], ...] = ()
    errors: tuple[FormError, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    refused_total: int = 0


@dataclass(frozen=True)
class Asked:
    """A form that was read: the bytes and the period, or what is wrong with them."""

    form: Form
    content: bytes = b""
    period: Period | None = None
    wrong: tuple[tuple[str, str], ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Tried:
    """What comes back: the form, and the result where there is one."""

    form: Form
    result: Result | None = None


def blank(now: datetime, zone: ZoneInfo, *, base: str, rules: Rules, folder: Path) -> Form:
    """The form before anything was asked; `base` names an installed file to begin with."""
    since = (now.astimezone(zone) - timedelta(days=DAYS_DEFAULT)).date()
    return Form(_source(base, rules, folder), since.isoformat(), "", _bases(rules))


def read(
    *, text: str, files: Sequence[bytes], since: str, until: str, now: datetime, zone: ZoneInfo
) -> Asked:
    """The form's values; an uploaded file counts before pasted words. Line ends become those of the file system."""
    content = (files[0] if files else text.encode("utf-8", "replace")).replace(b"\r\n", b"\n")
    shown = content.decode("utf-8", "replace")
    wrong = [] if content.strip() else [("text", "empty")]
    period = _period(since, until, now, zone)
    if isinstance(period, str):
        wrong.append(("since", period))
    return Asked(
        Form(shown, since, until), content, period if isinstance(period, Period) else None, tuple(wrong)
    )


def run(session: Session, asked: Asked, words: Words, *, now: datetime) -> Tried:
    """Prove the draft and walk the hazards of the session's scope by it."""
    form = replace(asked.form, bases=_bases(words.rules))
    if asked.wrong or asked.period is None:
        errors = tuple(
            FormError(name, words.say(f"replay.error.{code}", n=DAYS_MAX)) for name, code in asked.wrong
        )
        return Tried(replace(form, errors=errors))
    rules = words.rules
    try:
        draft = read_draft(asked.content, file=FILE, known=rules.workflows, vocabulary=rules.vocabulary)
    except WorkflowRefused as refused:
        return Tried(_refused(form, refused.problems, words))
    except Unreadable as fault:
        return Tried(_refused(form, [fault.problem], words))
    found = replay(session, draft, asked.period, limit=HAZARDS_MAX)
    return Tried(form, result(session, found, words))


def _refused(form: Form, problems: Sequence[Problem], words: Words) -> Form:
    lines = form.text.splitlines()
    rows = tuple(
        Refusal(
            line=one.line,
            rule=one.rule,
            rule_label=words.say(f"rule.{one.rule}"),
            message=one.message,
            mend=one.mend,
            source=lines[one.line - 1].strip() if 0 < one.line <= len(lines) else "",
        )
        for one in problems[:REFUSALS_SHOWN]
    )
    return replace(form, refusals=rows, refused_total=len(problems))


def _period(since: str, until: str, now: datetime, zone: ZoneInfo) -> Period | str:
    """The period, or the code of what is wrong with it."""
    try:
        first = date.fromisoformat(since)
        last = date.fromisoformat(until) if until else None
    except ValueError:
        return "date"
    if not 2000 <= first.year < 2100 or (last is not None and not 2000 <= last.year < 2100):
        return "date"
    start = end_of_day(first - timedelta(days=1), zone)
    end = min(end_of_day(last, zone), now) if last else now
    if start >= end:
        return "period"
    return Period(start, end) if end - start <= timedelta(days=DAYS_MAX) else "long"


def _bases(rules: Rules) -> tuple[tuple[str, str], ...]:
    found: Mapping[str, str] = {one.id: one.id for one in rules.workflows.values()}
    return tuple((f"/workflows/replay?from={id_}", id_) for id_ in sorted(found))


def _source(base: str, rules: Rules, folder: Path) -> str:
    """The text of an installed file; empty where none of that name is installed."""
    if base not in {one.id for one in rules.workflows.values()}:
        return ""
    try:
        return (folder / f"{base}.yaml").read_text("utf-8")
    except OSError:
        return ""
