"""Uploaded files of a form or an API call, named as the evidence they are at this point of the hazard's life, and kept with the change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, HazardFlowError, Refused
from hazard_flow.evidence.operations import Looked, look
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.binding import EVIDENCE_PER_CHANGE_MAX
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.device_time import SILENT, DeviceTime
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import Database

#: at which step an action's files are taken; others by the stage of the hazard
_STAGE_OF_ACTION = {
    "report": "report",
    "start_control": "control",
    "lift_control": "control",
    "stop_gas": "control",
    "resume_gas": "control",
    "submit": "rectify",
    "progress": "rectify",
    "fix_on_site": "rectify",
    "pass": "verify",
    "fail": "verify",
}
_STAGE_OF_HAZARD = {"reported": "report", "assigned": "report", "rectifying": "rectify", "verified": "verify"}
AFTER_PREFIX = "after_for_"
_IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
_VIDEOS = (".mp4", ".m4v", ".mov", ".qt")


@dataclass(frozen=True)
class Upload:
    """Bytes under the name of the input they came in."""

    field: str
    filename: str
    data: bytes


def look_at_all(
    uploads: Sequence[Upload],
    *,
    action: str,
    hazard_stage: str | None,
    received_at: datetime,
    device: DeviceTime = SILENT,
) -> tuple[Looked, ...]:
    """All files judged, none kept yet; or `Refused` naming each that was not taken and why."""
    if len(uploads) > EVIDENCE_PER_CHANGE_MAX:
        raise Refused(fields=[FieldError("evidence", "too_many_files", {"most": EVIDENCE_PER_CHANGE_MAX})])
    stage = stage_of(action, hazard_stage)
    good: list[Looked] = []
    problems: list[FieldError] = []
    hardest: HazardFlowError | None = None
    for upload in uploads:
        pair = upload.field.removeprefix(AFTER_PREFIX) if upload.field.startswith(AFTER_PREFIX) else None
        try:
            one = look(
                upload.data,
                upload.filename,
                stage=stage,
                kind=_kind(upload, stage, pair),
                received_at=received_at,
                captured_at=device.captured_at,
                clock_skew_s=device.clock_skew_s,
                pair_of=pair,
            )
        except HazardFlowError as refused:
            hardest = hardest or refused
            problems += [FieldError(upload.field, f.code, f.params) for f in refused.fields]
        else:
            good.append(one)
    if hardest is not None:
        hardest.fields = problems
        raise hardest
    return tuple({(g.item.sha256, g.item.pair_of): g for g in good}.values())


def stage_of(action: str, hazard_stage: str | None) -> str:
    """The step of the way that files of this act belong to."""
    return _STAGE_OF_ACTION.get(action) or _STAGE_OF_HAZARD.get(hazard_stage or "", "audit")


def photo_kind(stage: str) -> str:
    """What a picture that is not named for a kind of document counts as."""
    return "PHOTO_BEFORE" if stage == "report" else "PHOTO_AFTER"


def carry_out(
    database: Database,
    scope: Scope,
    change: Callable[[Session], Outcome],
    *,
    files: Sequence[Looked],
    store: Store,
) -> Outcome:
    """The change in one transaction, its files on disk before that commits.

    A change with files is rehearsed first and undone: one that is refused leaves no file behind, and none is ever deleted.
    """
    if files:
        database.carry_out(scope, lambda session: _rehearse(session, change))
        for one in files:
            one.keep(store)
    return database.carry_out(scope, change)


def _rehearse(session: Session, change: Callable[[Session], Outcome]) -> None:
    change(session)
    session.rollback()


def _kind(upload: Upload, stage: str, pair: str | None) -> str:
    """Pictures are before- or after-photos by the step they belong to; an input may be named for a kind of document."""
    if upload.field.isupper():
        return upload.field
    name = upload.filename.lower()
    if name.endswith(_VIDEOS):
        return "VIDEO"
    if not name.endswith(_IMAGES):
        return "SITE_RECORD"
    return photo_kind(stage) if pair is None else "PHOTO_AFTER"
