"""Points 9, 10 and 11: photographs, readings, and whether the re-checker was somebody else and there."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hazard_flow.assets.places import Place
from hazard_flow.audits.dossier import Dossier
from hazard_flow.audits.finding import Remark, said
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.past import Past
from hazard_flow.identity.roles import OFFICERS

_READINGS = ("LEAK_READING_BEFORE", "LEAK_READING_AFTER")


def photos(dossier: Dossier) -> list[Remark]:
    """9: every before-photo has its after-photo, taken later, at the same place, of bytes nobody used elsewhere."""
    before = [p for p in dossier.of_kind("PHOTO_BEFORE") if p.stage in ("report", "control")]
    after = {p.pair_of: p for p in dossier.evidence if p.pair_of}
    found: list[Remark] = []
    if not before:
        found.append(said("open", "photos.none", 1))
    for number, shot in enumerate(before, start=1):
        pair = after.get(shot.sha256)
        if pair is None:
            found.append(said("fail", "photos.unpaired", shot.event_seq, n=number))
        else:
            found += _pair(dossier, number, shot, pair)
    found += _reused(dossier)
    for flag in dossier.flags:
        seq = next((p.event_seq for p in dossier.evidence if p.sha256 == flag.sha256), None)
        found.append(Remark("fail" if flag.is_grave else "remark", flag.reason, (seq,) if seq else ()))
    return found or [said("pass", "photos.fit", n=len(before))]


def _pair(dossier: Dossier, number: int, shot: Evidence, pair: Evidence) -> Iterator[Remark]:
    seqs = shot.event_seq, pair.event_seq
    if shot.sha256 == pair.sha256:
        yield said("fail", "photos.same", *seqs, n=number)
    elif _taken(pair) < _taken(shot):
        yield said("fail", "photos.order", *seqs, n=number)
    if pair.captured_at and pair.exif_at is None and shot.exif_at is not None:
        yield said("remark", "photos.no_exif", pair.event_seq, n=number)
    most = dossier.policy.count("remote_recheck_distance_m")
    apart = _apart(Place.of(shot) or Place.of(dossier.hazard), Place.of(pair))
    if apart is None:
        yield said("remark", "photos.no_position", *seqs, n=number)
    elif apart > most:
        yield said("fail", "photos.elsewhere", *seqs, n=number, metres=round(apart), most=most)


def _reused(dossier: Dossier) -> Iterator[Remark]:
    for piece in dossier.evidence:
        if numbers := dossier.reused.get(piece.sha256):
            yield said("fail", "photos.reused", piece.event_seq, number=numbers[0])


def readings(dossier: Dossier) -> list[Remark]:
    """10: where gas was measured or should have been, the last reading is below the limit, with unit and instrument."""
    measured = [e for e in dossier.acts if e.fields.get("leak_reading") is not None]
    asked = any(code in _READINGS for row in dossier.rows for code in row["evidence"])
    if not measured and not asked:
        return [said("na", "readings.not_needed")]
    done = [e for e in measured if e.action in ("submit", "fix_on_site", "pass", "confirm_fix", "resume_gas")]
    if not done:
        return [said("fail", "readings.none_after", *(e.seq for e in measured))]
    last = done[-1]
    return list(_reading(dossier, last)) or [said("pass", "readings.fit", last.seq, **_shown(last))]


def _reading(dossier: Dossier, event: Past) -> Iterator[Remark]:
    unit = str(event.fields.get("leak_unit") or "")
    limit, value = dossier.audit_rules.reading_after_max.get(unit), _number(event.fields["leak_reading"])
    if not unit:
        yield said("fail", "readings.no_unit", event.seq)
    elif value is None or limit is None or value > limit:
        yield said("fail", "readings.over", event.seq, **_shown(event), limit=str(limit))
    if not event.fields.get("instrument_number"):
        yield said("remark", "readings.no_instrument", event.seq)
    elif not dossier.of_kind("CALIBRATION_CERT"):
        yield said("remark", "readings.not_calibrated", event.seq, number=event.fields["instrument_number"])


def _shown(event: Past) -> dict[str, str]:
    units = {"pct_lel": "%LEL", "ppm": "ppm", "pct_vol": "%vol"}
    unit = str(event.fields.get("leak_unit") or "")
    return {"value": f"{event.fields['leak_reading']} {units.get(unit, unit)}".strip()}


def recheck(dossier: Dossier) -> list[Remark]:
    """11: whoever passed it did none of the work; of a major two officers; and they were there."""
    passed = _signatures(dossier)
    if not passed:
        return [said("fail", "recheck.nobody")]
    seqs = [e.seq for e in passed]
    people = {e.who for e in passed if e.who is not None}
    doers = {e.who for e in dossier.all("accept", "progress", "submit", "fix_on_site")}
    found: list[Remark] = []
    if people & doers:
        found.append(said("fail", "recheck.own_work", *seqs))
    if dossier.is_major:
        officers = {p for p in people if p in dossier.people and dossier.people[p].roles & set(OFFICERS)}
        most = dossier.policy.count("recheck_officers_min", "major")
        if len(officers) < most:
            found.append(said("fail", "recheck.too_few", *seqs, n=len(officers), most=most))
    found += _presence(dossier, passed)
    return found or [said("pass", "recheck.fit", *seqs, n=len(people))]


def _signatures(dossier: Dossier) -> list[Past]:
    """The acts of the re-check that passed: those since it was last handed in."""
    submitted = dossier.last("submit", "fix_on_site")
    since = submitted.seq if submitted else 0
    return [e for e in dossier.all("pass", "confirm_fix") if e.seq > since]


def _presence(dossier: Dossier, passed: list[Past]) -> Iterator[Remark]:
    most = dossier.policy.count("remote_recheck_distance_m")
    for event in passed:
        if event.action == "confirm_fix":
            continue
        if not event.fields.get("on_site"):
            reason = str(event.fields.get("remote_reason") or "—")[:40]
            yield said("remark", "recheck.remote", event.seq, reason=reason)
            continue
        shots = [p for p in dossier.evidence if p.event_seq == event.seq and Place.of(p)]
        there = Place.of(event.fields) or (Place.of(shots[0]) if shots else None)
        apart = _apart(Place.of(dossier.hazard), there)
        if apart is None:
            yield said("remark", "recheck.no_position", event.seq)
        elif apart > most:
            yield said("fail", "recheck.elsewhere", event.seq, metres=round(apart), most=most)


def _taken(piece: Evidence) -> datetime:
    return piece.exif_at or piece.captured_at or piece.received_at


def _apart(one: Place | None, other: Place | None) -> float | None:
    """Metres between two points on the ground; None where one is unknown."""
    return None if one is None or other is None else one.metres_to(other)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
