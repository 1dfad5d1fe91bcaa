"""Submissions as their pages draw them: what the tablet saw and what stands now, the form as it was written, the files, the reasons."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.evidence.kinds import kind_name
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.actions import people_to_name
from hazard_flow.hazards.changes import Offline
from hazard_flow.hazards.drawing import Returned, draw
from hazard_flow.hazards.judging import tablet_word
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.past import Past, read_past
from hazard_flow.hazards.rows import state_label
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.shown import Words, value_text
from hazard_flow.hazards.story import timeline
from hazard_flow.hazards.views import TimelineEntry
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.offline.submissions.entering import creating, form_of, own_time
from hazard_flow.offline.submissions.manifest import ActManifest, Manifest, ReportManifest, read_manifest
from hazard_flow.offline.submissions.models import Submission, SubmissionRejected
from hazard_flow.offline.submissions.showing import sentence
from hazard_flow.web.views import FormField
from hazard_flow.workflow import coerce, forms
from hazard_flow.workflow.definition import Action


@dataclass(frozen=True)
class Line:
    """One submission in a list."""

    id: uuid.UUID
    title: str
    number: str | None
    who: str
    captured_at: datetime
    received_at: datetime
    tablet: str
    #: arriving, usable, complete; waiting, entered, contested; entered_again, set_aside
    state: str
    outcome: str
    settled: str | None
    files_have: int
    files_all: int
    problem: str


@dataclass(frozen=True)
class FileLine:
    """One file of a submission and how much of it is here."""

    sha256: str
    name: str
    kind: str
    size: int
    have: int
    #: a picture that can be looked at; None while it is on its way, and for what is none
    image_href: str | None
    refused: str


@dataclass(frozen=True)
class Standing:
    """One of the two versions."""

    version: int | None
    state: str
    at: datetime | None


@dataclass(frozen=True)
class SubmissionPage:
    """One submission with everything a person needs to settle it."""

    line: Line
    action: str
    problems: tuple[str, ...]
    #: what the tablet knew, and how things stand; None for reports and for hazards out of sight
    saw: Standing | None
    stands: Standing | None
    #: what happened in between, newest first
    since: tuple[TimelineEntry, ...]
    #: label and value of everything the form says, as it was written
    said: tuple[tuple[str, str], ...]
    files: tuple[FileLine, ...]
    #: manifests of other bytes that came under the same id
    rejected: tuple[tuple[datetime, str], ...]
    fields: tuple[FormField, ...]
    settled_by: str
    settled_at: datetime | None
    settled_reason: str


@dataclass(frozen=True)
class Reader:
    """For whom a page is drawn."""

    locale: str
    zone: ZoneInfo
    now: datetime


def lines(session: Session, found: Sequence[Submission], reader: Reader) -> list[Line]:
    """Submissions as rows of a list, names and numbers looked up together."""
    rules = rules_of(session)
    people = identity.names(session, {one.owner_id for one in found})
    known = hazards_of(session, found)
    return [_line(rules, one, read_manifest(one.manifest), known, people, reader) for one in found]


def hazards_of(session: Session, found: Sequence[Submission]) -> dict[uuid.UUID, Hazard]:
    """Their hazards, those the reader may see."""
    return {h.id: h for h in hazards.by_ids(session, {one.hazard_id for one in found if one.hazard_id})}


def page(
    session: Session, one: Submission, reader: Reader, *, returned: Returned | None = None
) -> SubmissionPage:
    """Everything of one submission."""
    rules, manifest = rules_of(session), read_manifest(one.manifest)
    hazard = hazards_of(session, [one]).get(one.hazard_id) if one.hazard_id else None
    past = read_past(hazards.events(session, hazard)) if hazard is not None else ()
    seen = manifest.payload.expected_version if isinstance(manifest, ActManifest) else None
    since = tuple(event for event in past if seen is not None and event.seq > seen)
    people = {one.owner_id, *([one.settled_by] if one.settled_by else []), *(e.who for e in past if e.who)}
    names = identity.names(session, people)
    words = _words(rules, hazard, names, reader)
    action = action_of(rules, manifest, hazard)
    is_act = isinstance(manifest, ActManifest) and hazard is not None
    return SubmissionPage(
        line=_line(rules, one, manifest, {hazard.id: hazard} if hazard else {}, names, reader),
        action=action.label.in_(reader.locale) if action else "",
        problems=tuple(sentence(problem, reader.locale, reader.zone) for problem in one.problems),
        saw=_saw(rules, hazard, past, seen, reader.locale) if is_act and hazard else None,
        stands=Standing(
            hazard.seq, state_label(session, hazard, reader.locale), past[-1].at if past else None
        )
        if is_act and hazard
        else None,
        since=timeline(words, hazard, since, {}) if hazard is not None and since else (),
        said=tuple(_said(words, manifest)),
        files=tuple(_files(one, manifest, reader)),
        rejected=tuple((row.received_at, _pretty(row)) for row in one.rejected),
        fields=_fields(session, rules, one, manifest, hazard, action, reader, returned),
        settled_by=names.get(one.settled_by, "") if one.settled_by else "",
        settled_at=one.settled_at,
        settled_reason=one.settled_reason or "",
    )


def action_of(rules: Rules, manifest: Manifest, hazard: Hazard | None) -> Action | None:
    """The action it asks for, as the hazard's own workflow knows it."""
    if isinstance(manifest, ReportManifest):
        return creating(rules, manifest)
    if hazard is None or not isinstance(manifest, ActManifest):
        return None
    return rules.pinned(hazard.workflow, hazard.workflow_version).actions.get(manifest.payload.action)


def _line(
    rules: Rules,
    one: Submission,
    manifest: Manifest,
    known: Mapping[uuid.UUID, Hazard],
    people: Mapping[uuid.UUID, str],
    reader: Reader,
) -> Line:
    hazard = known.get(one.hazard_id) if one.hazard_id else None
    action = action_of(rules, manifest, hazard)
    what = action.label.in_(reader.locale) if action else text(f"submissions.kind.{one.kind}", reader.locale)
    about = (
        hazard.title
        if hazard
        else str(manifest.payload.data.get("title") or manifest.payload.data.get("description") or "")
    )
    return Line(
        id=one.id,
        title=f"{what} · {about[:60]}" if about else what,
        number=hazard.number if hazard else None,
        who=people.get(one.owner_id, ""),
        captured_at=own_time(one),
        received_at=one.received_at,
        tablet=tablet_word(one.tablet_id),
        state=one.state,
        outcome=one.outcome,
        settled=one.settled,
        files_have=sum(a.received_at is not None for a in one.attachments),
        files_all=len(one.attachments),
        problem=sentence(one.problems[0], reader.locale, reader.zone) if one.problems else "",
    )


def _words(rules: Rules, hazard: Hazard | None, names: Mapping[uuid.UUID, str], reader: Reader) -> Words:
    workflow = f"{hazard.workflow}.v{hazard.workflow_version}" if hazard else ""
    return Words(rules=rules, locale=reader.locale, workflow_id=workflow, people=names)


def _saw(
    rules: Rules, hazard: Hazard, past: Sequence[Past], seen: int | None, locale: str
) -> Standing | None:
    """Where the hazard stood when the tablet last looked."""
    if seen is None:
        return None
    before = [event for event in past if event.seq <= seen and event.data.get("state")]
    if not before:
        return None
    last = before[-1]
    key, _, version = str(last.data.get("workflow", "")).rpartition(".v")
    workflow = rules.workflows.get((key, int(version))) if version.isdigit() else None
    state = workflow.states.get(str(last.data["state"])) if workflow else None
    return Standing(seen, state.label.in_(locale) if state else str(last.data["state"]), last.at)


def _said(words: Words, manifest: Manifest) -> list[tuple[str, str]]:
    """The form as it was written, in its own order; a field nobody knows keeps its name."""
    found = []
    for name, value in manifest.payload.data.items():
        if isinstance(value, list | dict):  # places and track of a round: they stand on its own page
            continue
        known = words.rules.fields.fields.get(name)
        label = known.label.in_(words.locale) if known else name
        fits = known is not None and coerce.typed(known, value, words.rules.zone)[1] is None
        found.append((label, value_text(words, name, value) if fits else str(value)))
    return found


def _files(one: Submission, manifest: Manifest, reader: Reader) -> list[FileLine]:
    rows = {row.sha256: row for row in one.attachments}
    found = []
    for attachment in manifest.attachments:
        original = rows[attachment.original.sha256]
        first = rows[attachment.first.sha256]
        facts = (first.facts or {}) if first.received_at else {}
        shown = facts.get("display_sha256")
        refused = next((row.refused for row in (first, original) if row.refused), None)
        found.append(
            FileLine(
                sha256=original.sha256,
                name=attachment.original.filename or original.sha256[:12],
                kind=kind_name(attachment.meta.kind, reader.locale),
                size=original.size,
                have=original.bytes_have,
                image_href=f"/submissions/{one.id}/files/{shown}" if shown else None,
                refused=sentence(
                    {
                        "field": "evidence",
                        "code": refused,
                        "params": {"filename": attachment.original.filename},
                    },
                    reader.locale,
                    reader.zone,
                )
                if refused
                else "",
            )
        )
    return found


def _fields(
    session: Session,
    rules: Rules,
    one: Submission,
    manifest: Manifest,
    hazard: Hazard | None,
    action: Action | None,
    reader: Reader,
    returned: Returned | None,
) -> tuple[FormField, ...]:
    """The form of the act with what was written in it, by our clock; what came back from a refusal instead where it did."""
    if action is None:
        return ()
    offline = Offline(at=own_time(one), submission=str(one.id), clock_skew_s=one.clock_skew_s)
    data = form_of(rules, action, manifest.payload.data, offline, reader.now)
    back = returned or Returned(action.key, _typed(rules, data), (), ())
    people = people_to_name(session, hazard) if hazard is not None else []
    named = tuple((id_, name) for id_, name, _ in people)
    return tuple(
        draw(field, reader.zone, back, choices=named if field.type in ("person", "people") else ())
        for field in forms.form_fields(action, reader.locale)
    )


def _typed(rules: Rules, data: Mapping[str, Any]) -> dict[str, object]:
    """Values as a form sends them: instants as the wall clock of the place."""
    found: dict[str, object] = {}
    for name, value in data.items():
        known = rules.fields.fields.get(name)
        if known is not None and known.type == "instant":
            at, fault = coerce.typed(known, value, rules.zone)
            if fault is None and isinstance(at, datetime):
                found[name] = at.astimezone(rules.zone).strftime("%Y-%m-%dT%H:%M")
                continue
        found[name] = "true" if value is True else "" if value is False else value
    return found


def _pretty(row: SubmissionRejected) -> str:
    return row.manifest.decode("utf-8", "replace")[:4000]
