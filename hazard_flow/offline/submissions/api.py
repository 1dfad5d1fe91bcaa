"""The protocol of the tablets (DESIGN 9): a frozen manifest, its files in parts, and how it stands."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotAllowed, TooLarge
from hazard_flow.evidence.store import Store
from hazard_flow.identity.actor import Actor
from hazard_flow.offline.submissions import arriving, operations, queries, showing
from hazard_flow.offline.submissions.manifest import read_manifest
from hazard_flow.offline.submissions.models import Submission
from hazard_flow.offline.submissions.operations import OtherBytes, Sender, Taken
from hazard_flow.web import api
from hazard_flow.web.auth import current_actor
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale
from hazard_flow.web.openapi import Parameter, operation

blueprint = Blueprint("submissions_api", __name__, url_prefix=api.PREFIX)

OFFSET, OWNER = "Upload-Offset", "X-HF-Owner"
_VERSION_LENGTH_MAX = 40
_UNSENT_MAX = 1_000_000
_OWNER = Parameter(
    OWNER, "Id of the person in whose name the tablet sends", {"type": "string", "format": "uuid"}, "header"
)
_DEVICE = (
    _OWNER,
    Parameter("X-HF-Tablet", "Id of the tablet", {"type": "string", "format": "uuid"}, "header"),
    Parameter(
        "X-HF-Device-At",
        "The tablet's clock while it sends, with its offset from UTC",
        {"type": "string", "format": "date-time"},
        "header",
    ),
    Parameter("X-HF-Unsent", "How many submissions wait on the tablet", {"type": "integer"}, "header"),
    Parameter("X-HF-Version", "Version of the app on the tablet", {"type": "string"}, "header"),
)


class SubmissionProblem(BaseModel):
    """One thing that keeps a submission out, in the reader's language."""

    field: str
    code: str
    sentence: str


class SubmissionView(BaseModel):
    """How a submission stands."""

    id: str
    kind: str
    state: str = Field(
        description="arriving, usable (something to look at of every file), complete (every original)"
    )
    outcome: str = Field(description="waiting, entered, contested (a person looks at it)")
    hazard: str | None = Field(description="Number of the hazard it became or acts on, within scope")
    event_seq: int | None
    missing: dict[str, int] = Field(description="SHA-256 of each file not yet whole → bytes that have come")
    problems: list[SubmissionProblem]
    received_at: datetime
    settled: str | None = Field(
        description="How a person settled a contested one: entered_again, set_aside; null while nobody did"
    )


class SubmissionManifest(BaseModel):
    """What a tablet freezes before it sends; see the manual for each kind's payload."""

    v: int
    kind: str = Field(description="report or act")
    captured_at: datetime
    payload: dict[str, Any]
    attachments: list[dict[str, Any]]


@dataclass(frozen=True)
class ContactBook:
    """Where it is noted that a tablet was heard of; filled by whoever keeps the list of tablets."""

    note: Callable[..., Any]


class SignedInAsAnother(NotAllowed):
    """The tablet sends in one person's name, its cookie is another's: they changed places between two requests."""

    code = "signed_in_as_another"


@blueprint.put("/submissions/<uuid:submission_id>")
@operation(
    summary="Hand in a frozen manifest; the same bytes again change nothing",
    request=SubmissionManifest,
    responses={201: SubmissionView, 200: SubmissionView},
    parameters=_DEVICE,
    tags=["offline"],
)
def put(submission_id: uuid.UUID) -> Response:
    actor, at = _owner(), now()
    if submission_id.version != 7:
        raise BadRequest("no UUIDv7", fields=[FieldError("id", "not_a_uuid7")])
    raw = request.get_data(cache=False)
    manifest, sender = read_manifest(raw), _sender(at)

    def work(session: Session) -> Taken:
        taken = operations.take(session, submission_id, raw, manifest, actor=actor, sender=sender, now=at)
        _note_contact(session, sender, actor, at)
        return taken

    taken = kernel().database.carry_out(actor.scope, work)
    if taken.is_other:
        raise OtherBytes(f"submission {submission_id}")
    return _answer(taken.submission, actor, status=201 if taken.is_new else 200)


@blueprint.patch("/submissions/<uuid:submission_id>/attachments/<sha256>")
@operation(
    summary="One part of a file, at most 256 KiB, at the offset the server last named",
    request="application/octet-stream",
    responses={200: SubmissionView},
    parameters=[
        _OWNER,
        Parameter(
            OFFSET,
            "Where the part begins, in bytes",
            {"type": "integer", "minimum": 0},
            "header",
            required=True,
        ),
    ],
    tags=["offline"],
)
def patch(submission_id: uuid.UUID, sha256: str) -> Response:
    actor = _owner()
    if (request.content_length or 0) > arriving.CHUNK_BYTES_MAX:
        raise TooLarge(
            fields=[FieldError("", "part_too_large", {"limit_kib": arriving.CHUNK_BYTES_MAX // 1024})]
        )
    chunk = arriving.Chunk(submission_id, sha256, _offset(), request.get_data(cache=False))
    submission = arriving.receive(kernel().database, part(Store), chunk, actor=actor, now=now())
    return _answer(submission, actor)


@blueprint.get("/submissions/<uuid:submission_id>")
@operation(summary="How a submission stands", responses={200: SubmissionView}, tags=["offline"])
def show(submission_id: uuid.UUID) -> Response:
    actor = current_actor()
    with reading(actor) as session:
        submission = queries.visible_to(session, submission_id, actor)
    return _answer(submission, actor)


def _answer(submission: Submission, actor: Actor, *, status: int = 200) -> Response:
    locale, zone = current_locale(), kernel().settings.zone
    with reading(actor) as session:
        number = queries.number_of(session, submission)
    view = SubmissionView(
        id=str(submission.id),
        kind=submission.kind,
        state=submission.state,
        outcome=submission.outcome,
        hazard=number,
        event_seq=submission.event_seq,
        missing={one.sha256: one.bytes_have for one in submission.attachments if one.received_at is None},
        problems=[
            SubmissionProblem(
                field=str(one["field"]), code=str(one["code"]), sentence=showing.sentence(one, locale, zone)
            )
            for one in submission.problems
        ],
        received_at=submission.received_at,
        settled=submission.settled,
    )
    return api.answer(view, status=status)


def _owner() -> Actor:
    """Whoever is signed in, if the tablet names nobody else as the owner of what it sends."""
    actor, owner = current_actor(), request.headers.get(OWNER)
    if owner is not None and owner != str(actor.id):
        raise SignedInAsAnother(f"in the name of {owner[:40]!r}")
    return actor


def _offset() -> int:
    raw = request.headers.get(OFFSET, "")
    if not (raw.isascii() and raw.isdigit() and len(raw) < 13):
        raise BadRequest("no offset", fields=[FieldError(OFFSET, "not_an_integer")])
    return int(raw)


def _sender(at: datetime) -> Sender:
    """What the headers say of the tablet; one that is nonsense is as good as none: nothing may keep a report out for it."""
    return Sender(
        tablet_id=_uuid(request.headers.get("X-HF-Tablet")),
        clock_skew_s=_skew(request.headers.get("X-HF-Device-At"), at),
        app_version="".join(c for c in request.headers.get("X-HF-Version", "") if c.isprintable())[
            :_VERSION_LENGTH_MAX
        ],
    )


def _uuid(raw: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError:
        return None


def _skew(raw: str | None, at: datetime) -> int | None:
    try:
        device_at = datetime.fromisoformat(raw) if raw else None
        if device_at is None or device_at.tzinfo is None:
            return None
        return round((device_at.astimezone(UTC) - at).total_seconds())
    except (ValueError, OverflowError):
        return None


def _note_contact(session: Session, sender: Sender, actor: Actor, at: datetime) -> None:
    book = kernel().parts.get(ContactBook)
    if not isinstance(book, ContactBook) or sender.tablet_id is None:
        return
    raw = request.headers.get("X-HF-Unsent", "")
    unsent = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 8 else None
    book.note(
        session,
        tablet_id=sender.tablet_id,
        person=actor.id,
        unsent=unsent,
        skew_seconds=sender.clock_skew_s,
        version=sender.app_version,
        now=at,
    )
