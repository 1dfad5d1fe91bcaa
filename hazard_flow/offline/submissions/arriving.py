"""Files in parts: each part at its own offset, the whole judged by its hash before it counts as received.

A part is written and counted under a lock of its own file, so that two tabs of one tablet cannot tear it. The last part is not written:
the whole is put together, judged and kept first, outside every lock, and then counted in one short transaction. A server killed anywhere in
between leaves the offset where it was, and the tablet sends that part again.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, Conflict, FieldError, HazardFlowError, NotFound, Refused
from hazard_flow.evidence.display import make_copies
from hazard_flow.evidence.intake import clean_filename, examine, unreadable
from hazard_flow.evidence.items import Arrived
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import receiving
from hazard_flow.identity.actor import Actor
from hazard_flow.offline.submissions import queries, rounds
from hazard_flow.offline.submissions.entering import contest, enter, problems_of
from hazard_flow.offline.submissions.facts import arrived, facts_of
from hazard_flow.offline.submissions.manifest import Manifest, read_manifest, state_of
from hazard_flow.offline.submissions.models import Submission, SubmissionAttachment
from hazard_flow.storage.unit import Database

CHUNK_BYTES_MAX = 256 * 1024


class OffsetDiffers(Conflict):
    """The file stands at another offset; `offset` is the true one."""

    code = "offset_differs"


class HashDiffers(Refused):
    """The whole file has another hash than the manifest says; it begins anew."""

    code = "hash_differs"


@dataclass(frozen=True)
class Chunk:
    """One part of one file."""

    submission_id: uuid.UUID
    sha256: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class _Judged:
    """A whole file that was looked at."""

    facts: dict[str, Any]
    refused: HazardFlowError | None = None


def receive(database: Database, store: Store, chunk: Chunk, *, actor: Actor, now: datetime) -> Submission:
    """Take one part; returns the submission as it stands then. What came before is answered as if it came now.

    Raises `NotFound`, `OffsetDiffers` with the true offset, `HashDiffers` (the file stands at 0 again), BadRequest.
    """
    if len(chunk.data) > CHUNK_BYTES_MAX:
        raise BadRequest(
            "part too large",
            fields=[FieldError("", "part_too_large", {"limit_kib": CHUNK_BYTES_MAX // 1024})],
        )
    with database.reading(actor.scope) as session:
        submission = _owned(session, chunk.submission_id, actor)
        attachment = _named(submission, chunk.sha256)
    if attachment.received_at is not None:
        return submission
    end = chunk.offset + len(chunk.data)
    if end > attachment.size:
        raise BadRequest(
            "past the end", fields=[FieldError("Upload-Offset", "past_the_end", {"size": attachment.size})]
        )
    _at_offset(attachment, chunk)
    if end < attachment.size:
        return database.carry_out(actor.scope, lambda session: _keep(session, store, chunk, actor))
    has_copy = has_own_copy(read_manifest(submission.manifest), chunk.sha256)
    return _finish(database, store, chunk, attachment, has_copy=has_copy, actor=actor, now=now)


def _keep(session: Session, store: Store, chunk: Chunk, actor: Actor) -> Submission:
    attachment = queries.locked_attachment(session, chunk.submission_id, chunk.sha256)
    _at_offset(attachment, chunk)
    if chunk.data:
        store.put_part(_folder(chunk), chunk.offset, chunk.data)
        attachment.bytes_have = chunk.offset + len(chunk.data)
        session.flush()
    return _owned(session, chunk.submission_id, actor)


def _finish(
    database: Database,
    store: Store,
    chunk: Chunk,
    attachment: SubmissionAttachment,
    *,
    has_copy: bool,
    actor: Actor,
    now: datetime,
) -> Submission:
    data = _whole(store, chunk)
    if len(data) != attachment.size or hashlib.sha256(data).hexdigest() != chunk.sha256:
        finished = database.carry_out(actor.scope, lambda session: _begin_anew(session, chunk, actor))
        if finished is not None:
            return finished
        store.drop_parts(_folder(chunk))
        raise HashDiffers(
            "other hash", fields=[FieldError("", "hash_differs", {"filename": attachment.filename})]
        )
    judged = _judge(store, data, attachment, has_copy=has_copy, now=now)
    found = database.carry_out(
        actor.scope, lambda session: _count(session, chunk, judged, actor=actor, now=now)
    )
    store.drop_parts(_folder(chunk))
    return found


def _whole(store: Store, chunk: Chunk) -> bytes:
    try:
        before = [offset for offset in store.part_offsets(_folder(chunk)) if offset < chunk.offset]
        return store.join_parts(_folder(chunk), before) + chunk.data
    except NotFound:  # another tab finished it and forgot the parts meanwhile, or a disk lost one
        return b""


def _begin_anew(session: Session, chunk: Chunk, actor: Actor) -> Submission | None:
    """Back to the first byte, unless another tab has moved it meanwhile; the submission where that tab has finished it."""
    attachment = queries.locked_attachment(session, chunk.submission_id, chunk.sha256)
    if attachment.received_at is not None:
        return _owned(session, chunk.submission_id, actor)
    _at_offset(attachment, chunk)
    attachment.bytes_have = 0
    session.flush()
    return None


def _judge(
    store: Store, data: bytes, attachment: SubmissionAttachment, *, has_copy: bool, now: datetime
) -> _Judged:
    """Look at the whole file and keep it: as evidence, or aside where it can be none."""
    try:
        if attachment.role == "display":
            came = _copy(store, data, now)
        else:
            came = _original(store, data, attachment.filename, has_copy=has_copy, now=now)
    except HazardFlowError as refused:
        if refused.status >= 500:
            raise
        store.put(data, area="refused")
        return _Judged({}, refused)
    return _Judged(facts_of(came))


def _copy(store: Store, data: bytes, now: datetime) -> Arrived:
    """The tablet's copy for the eye: a whole JPEG and nothing else, kept as it came; the small copy is our own."""
    seen = examine(data, "")
    if seen.mime != "image/jpeg":
        unreadable("")
    copies = make_copies(data, seen.mime)
    sha256 = store.put(data, area="display")
    store.put_thumb(sha256, copies.thumb)
    return Arrived("display", now, sha256, copies.phash, seen.width, seen.height)


def _original(store: Store, data: bytes, filename: str, *, has_copy: bool, now: datetime) -> Arrived:
    """The file as the camera wrote it, kept bit-exact; where the tablet could make no copy for the eye, ours is made."""
    # Without its ending: cameras and browsers name files as they like, and nobody is there to rename one.
    seen = examine(data, PurePath(clean_filename(filename)).stem)
    copies = make_copies(data, seen.mime, filename=seen.filename) if seen.is_image else None
    store.put(data)
    display = None
    if copies is not None and not has_copy:
        display = store.put(copies.display, area="display")
        store.put_thumb(display, copies.thumb)
    return Arrived(
        "original",
        now,
        display,
        copies.phash if copies else None,
        seen.width,
        seen.height,
        seen.exif_at,
        seen.lon,
        seen.lat,
    )


def _count(session: Session, chunk: Chunk, judged: _Judged, *, actor: Actor, now: datetime) -> Submission:
    """The file is here: the submission moves on, and with it what waited for this file."""
    submission = queries.locked(session, chunk.submission_id)
    attachment = queries.locked_attachment(session, chunk.submission_id, chunk.sha256)
    if attachment.received_at is not None:
        return submission
    _at_offset(attachment, chunk)
    attachment.bytes_have, attachment.received_at = attachment.size, now
    attachment.facts = judged.facts or None
    manifest = read_manifest(submission.manifest)
    submission.state = state_of(manifest, received(submission))
    if judged.refused is not None:
        attachment.refused = judged.refused.fields[0].code if judged.refused.fields else judged.refused.code
        contest(session, submission, problems_of(judged.refused), now)
    session.flush()
    came = arrived(attachment)
    if submission.event_seq is not None and submission.hazard_id is not None:
        if came is not None:
            receiving.note(session, submission.hazard_id, came, sha256=attachment.sha256, now=now)
    elif submission.outcome == "entered" and submission.round_id is not None:
        if came is not None:
            rounds.note_arrival(session, submission.round_id, came, sha256=attachment.sha256, now=now)
    elif submission.outcome == "waiting" and submission.state != "arriving":
        enter(session, submission, manifest, actor, now)
    session.flush()
    return submission


def received(submission: Submission) -> frozenset[str]:
    """The files that have come whole."""
    return frozenset(one.sha256 for one in submission.attachments if one.received_at is not None)


def has_own_copy(manifest: Manifest, sha256: str) -> bool:
    """Whether the tablet sends a copy for the eye of its own beside this original."""
    return any(
        one.display is not None and one.display.sha256 != sha256
        for one in manifest.attachments
        if one.original.sha256 == sha256
    )


def _owned(session: Session, id_: uuid.UUID, actor: Actor) -> Submission:
    found = queries.own(session, id_, actor)
    if found is None:
        raise NotFound(f"submission {id_}")
    return found


def _named(submission: Submission, sha256: str) -> SubmissionAttachment:
    for one in submission.attachments:
        if one.sha256 == sha256:
            return one
    raise NotFound(f"attachment {sha256[:12]}")


def _at_offset(attachment: SubmissionAttachment, chunk: Chunk) -> None:
    if attachment.received_at is not None or attachment.bytes_have != chunk.offset:
        raise OffsetDiffers(
            f"offset {attachment.bytes_have}, not {chunk.offset}", offset=attachment.bytes_have
        )


def _folder(chunk: Chunk) -> str:
    return f"{chunk.submission_id.hex}/{chunk.sha256}"
