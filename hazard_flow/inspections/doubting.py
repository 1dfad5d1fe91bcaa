"""Doubts about a round that came in: its visits held against the person's other ones of the day and against pictures of the unit."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import labels
from hazard_flow.inspections.checklists import answering
from hazard_flow.inspections.checklists.items import Checklist
from hazard_flow.inspections.fraud import Doubt, Picture, Visit, doubts
from hazard_flow.inspections.lines import point_of
from hazard_flow.inspections.models import Round, RoundAsset, RoundFlag, RoundPhoto
from hazard_flow.inspections.papers import Paper, PlaceVisit
from hazard_flow.inspections.rules import inspection_rules
from hazard_flow.storage.unit import beyond_scope

#: how far back pictures that look alike are looked for, and at most how many; the very same bytes are found whenever they were sent
NEAR_DAYS, NEAR_MAX = 30, 3_000


def raise_doubts(
    session: Session,
    found: Round,
    paper: Paper,
    checklist: Checklist,
    judged: Mapping[uuid.UUID, Mapping[str, answering.Judged]],
    assets: Mapping[uuid.UUID, Asset],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> int:
    """Note what a reviewer should look at; how many doubts. The round stands as it is."""
    mine = [
        _visit(found, one, assets[one.asset_id], answering.readings_of(checklist, judged[one.asset_id]))
        for one in paper.visits
        if not one.skipped
    ]
    # whose pictures these are is nobody's to see; that two are the same is
    with beyond_scope(session):
        others = [*_others_of_day(session, found, zone), *_same_pictures(session, found, mine, now)]
    raised = _raised(mine, others, paper, zone)
    session.add_all(
        RoundFlag(
            home_id=found.home_id,
            round_id=found.id,
            rule=one.rule,
            subject=one.visit,
            data={**one.data, **({"other": one.other} if one.other else {})},
            raised_at=now,
        )
        for one in raised
    )
    return len(raised)


def _raised(mine: Sequence[Visit], others: Sequence[Visit], paper: Paper, zone: ZoneInfo) -> list[Doubt]:
    rules = inspection_rules().doubts
    keys = frozenset(one.key for one in mine)
    raised = doubts([*mine, *others], rules, zone, only=keys)
    if any(point.is_mocked for point in paper.track) and not any(one.rule == "mocked" for one in raised):
        raised.append(Doubt("", "mocked"))
    return raised


def _visit(found: Round, one: PlaceVisit, asset: Asset, readings: tuple[str, ...]) -> Visit:
    photos = {
        photo.sha256: photo for answer in one.answers.values() for photo in (*answer.photos, *answer.after)
    }
    return Visit(
        key=f"{found.id.hex}:{asset.id.hex}",
        place=asset.id.hex,
        person=found.done_by.hex if found.done_by else "",
        at=one.visited_at,
        lon=one.lon,
        lat=one.lat,
        accuracy_m=one.accuracy_m or 0.0,
        target=point_of(asset),
        photos=tuple(Picture(photo.sha256, photo.phash) for photo in photos.values()),
        is_mocked=one.is_mocked,
        readings=readings,
    )


def _others_of_day(session: Session, found: Round, zone: ZoneInfo) -> list[Visit]:
    """Where the same person was that day on other rounds."""
    assert found.ended_at is not None
    day = found.ended_at.astimezone(zone).date()
    since = datetime.combine(day, time(), zone)
    rows = session.execute(
        sa.select(RoundAsset)
        .join(Round, Round.id == RoundAsset.round_id)
        .where(
            Round.home_id == found.home_id,
            Round.done_by == found.done_by,
            Round.id != found.id,
            RoundAsset.visited_at >= since,
            RoundAsset.visited_at < since + timedelta(days=1),
        )
    ).scalars()
    return [
        Visit(
            key=f"{one.round_id.hex}:{one.asset_id.hex}",
            place=one.asset_id.hex,
            person=found.done_by.hex if found.done_by else "",
            at=one.visited_at,
            lon=one.lon,
            lat=one.lat,
            accuracy_m=one.accuracy_m or 0.0,
        )
        for one in rows
        if one.visited_at is not None
    ]


def _same_pictures(session: Session, found: Round, mine: Iterable[Visit], now: datetime) -> list[Visit]:
    """Earlier pictures of the enterprise: the same bytes whenever, and those of the last weeks that may look alike."""
    hashes = {photo.sha256 for one in mine for photo in one.photos}
    if not hashes:
        return []
    of_others = sa.select(RoundPhoto).where(
        RoundPhoto.home_id == found.home_id, RoundPhoto.round_id != found.id
    )
    same = session.scalars(of_others.where(RoundPhoto.sha256.in_(hashes))).all()
    recent = session.scalars(
        of_others.where(
            RoundPhoto.received_at >= now - timedelta(days=NEAR_DAYS), RoundPhoto.phash.is_not(None)
        )
        .order_by(RoundPhoto.received_at.desc())
        .limit(NEAR_MAX)
    ).all()
    rows = {one.id: one for one in (*same, *recent)}
    return [
        Visit(
            key=f"{one.round_id.hex}:{one.asset_id.hex}",
            place=one.asset_id.hex,
            # a visit that only lends its picture: it is nobody's way from place to place
            person=f"picture:{one.id.hex}",
            at=None,
            photos=(Picture(one.sha256, one.phash),),
        )
        for one in rows.values()
    ]


def places_of(session: Session, flags: Iterable[RoundFlag]) -> dict[str, Asset]:
    """The places doubts are about, by what they name them with."""
    ids = {uuid.UUID(hex=flag.subject.partition(":")[2]) for flag in flags if ":" in flag.subject}
    return {one.id.hex: one for one in labels(session, ids).values()}
