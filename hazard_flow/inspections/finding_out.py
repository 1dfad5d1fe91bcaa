"""Answers become rows, and what failed becomes hazards: anew, or the one that is open for the same thing already."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.changes import Offline
from hazard_flow.i18n import LOCALES, text
from hazard_flow.identity.actor import Actor
from hazard_flow.inspections import findings
from hazard_flow.inspections.checklists.answering import Judged
from hazard_flow.inspections.checklists.items import Checklist, Item
from hazard_flow.inspections.models import Round, RoundAnswer, RoundPhoto
from hazard_flow.inspections.papers import Answer, PlaceVisit

BEFORE, AFTER, SCENE = "PHOTO_BEFORE", "PHOTO_AFTER", "SITE_RECORD"
#: fields of the report form
TITLE_LENGTH_MAX, DESCRIPTION_LENGTH_MAX = 60, 500
_SOURCES = {"commercial": "household_check"}


@dataclass(frozen=True)
class Found:
    """A round with all that was said on it."""

    round: Round
    checklist: Checklist
    visits: Sequence[PlaceVisit]
    judged: Mapping[uuid.UUID, Mapping[str, Judged]]
    assets: Mapping[uuid.UUID, Asset]


def report(session: Session, actor: Actor, found: Found, *, now: datetime, offline: Offline | None) -> int:
    """Keep every answer and picture, and report what failed; how many answers failed. Raises what the door raises."""
    failed = 0
    for visit in found.visits:
        asset = found.assets[visit.asset_id]
        for key, judged in found.judged.get(visit.asset_id, {}).items():
            item, said = found.checklist.by_key[key], visit.answers.get(key, Answer())
            row = RoundAnswer(
                round_id=found.round.id,
                asset_id=asset.id,
                item=key,
                value=judged.value,
                note=said.note.strip(),
                is_failed=judged.is_failed,
            )
            photos = _named(said.photos, "report", BEFORE if judged.is_failed else SCENE)
            after = _named(said.after, "rectify", AFTER)
            session.add_all(_photo_rows(found.round, asset.id, key, (*photos, *after)))
            if judged.is_failed:
                failed += 1
                _follow(
                    session, actor, found, visit, item, row, said, photos, after, now=now, offline=offline
                )
            session.add(row)
    return failed


def _follow(
    session: Session,
    actor: Actor,
    found: Found,
    visit: PlaceVisit,
    item: Item,
    row: RoundAnswer,
    said: Answer,
    photos: Sequence[EvidenceItem],
    after: Sequence[EvidenceItem],
    *,
    now: datetime,
    offline: Offline | None,
) -> None:
    """A failed answer with a row of the catalogue is a hazard; without one it is a remark of the round."""
    asset = found.assets[visit.asset_id]
    if not item.catalogue:
        row.is_fixed = said.is_fixed
        return
    known = findings.known_hazard(session, asset, item.catalogue)
    if known is not None:
        row.hazard_id = known.id
        return
    key = f"round:{found.round.id.hex}:{asset.id.hex}:{item.key}"
    hazard = findings.open_hazard(
        session,
        actor,
        asset,
        item.catalogue,
        _form(found, visit, item, row),
        photos,
        key,
        now,
        source=_SOURCES.get(found.round.line, "patrol"),
        offline=offline,
    )
    row.hazard_id = hazard.id
    if said.is_fixed and after:
        pairs = [replace(one, pair_of=photos[min(n, len(photos) - 1)].sha256) for n, one in enumerate(after)]
        row.is_fixed = findings.fix_on_the_spot(
            session,
            actor,
            hazard.id,
            measures=said.note.strip() or text("rounds.finding.fixed", "zh"),
            completed_at=min(visit.visited_at or now, now),
            after=pairs,
            request_key=f"{key}:fix",
            now=now,
            offline=offline,
        )


def _form(found: Found, visit: PlaceVisit, item: Item, row: RoundAnswer) -> dict[str, object]:
    asset = found.assets[visit.asset_id]
    said = [
        text(
            "rounds.finding.said",
            locale,
            round=found.round.label.in_(locale),
            item=item.text.in_(locale),
            value=_value(item, row.value, locale),
        )
        for locale in LOCALES
    ]
    form: dict[str, object] = {
        "title": f"{asset.code} {item.text.zh}"[:TITLE_LENGTH_MAX],
        "description": "\n".join([*([row.note] if row.note else []), *said])[:DESCRIPTION_LENGTH_MAX],
        "place": (asset.address or asset.name_zh)[:TITLE_LENGTH_MAX],
    }
    if visit.visited_at is not None:
        form["found_at"] = visit.visited_at.isoformat()
    return form


def _value(item: Item, value: str, locale: str) -> str:
    if item.answer == "reading":
        return f"{value} {item.unit}"
    chosen = next((one.label for one in item.choices if one.key == value), None)
    return chosen.in_(locale) if chosen else text("rounds.answer.no", locale)


def _named(photos: Sequence[EvidenceItem], stage: str, kind: str) -> list[EvidenceItem]:
    """Each picture once, named as what it is."""
    once = {one.sha256: one for one in photos}
    return [replace(one, stage=stage, kind=kind) for one in once.values()]


def _photo_rows(
    found: Round, asset_id: uuid.UUID, item: str, photos: Sequence[EvidenceItem]
) -> list[RoundPhoto]:
    return [
        RoundPhoto(
            home_id=found.home_id,
            round_id=found.id,
            asset_id=asset_id,
            item=item,
            kind=one.kind,
            sha256=one.sha256,
            display_sha256=one.display_sha256,
            phash=one.phash,
            size=one.size,
            mime=one.mime,
            filename=one.filename,
            captured_at=one.captured_at,
            exif_at=one.exif_at,
            received_at=one.received_at,
            lon=float(one.lon) if one.lon is not None else None,
            lat=float(one.lat) if one.lat is not None else None,
            accuracy_m=float(one.accuracy_m) if one.accuracy_m is not None else None,
            is_declared=one.is_declared,
        )
        for one in photos
    ]
