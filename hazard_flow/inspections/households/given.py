"""A visit as somebody reports it, and everything that is wrong with it. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hazard_flow.errors import FieldError
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.inspections.checklists.answering import Given, judge
from hazard_flow.inspections.checklists.items import Checklist
from hazard_flow.inspections.households.models import IN_VAIN, RESULTS

#: unit of a leak reading
LEAK_UNIT = "%LEL"
INSTRUMENT_LENGTH_MAX = 60
SIGNATURE, NOTICE = "SIGNATURE", "ABSENCE_NOTICE_PHOTO"
#: a visit is entered at the door; a forgotten one within days [D]
OLDEST = timedelta(days=30)
#: clocks differ by so much
AHEAD = timedelta(minutes=5)
NOTE_LENGTH_MAX = 500
WITNESSES_MIN = 2
PHOTOS_MAX = 20
_BETWEEN = re.compile(r"[、，,;；/\n]+|\s{1,}")


@dataclass(frozen=True)
class Picture:
    """A picture of the visit, and the item of the checklist it shows; empty for the visit as a whole."""

    item: EvidenceItem
    shows: str = ""


@dataclass(frozen=True, kw_only=True)
class VisitGiven:
    """What an inspector reports of one visit."""

    result: str
    visited_at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    #: number of the instrument leaks were looked for with; needed where one was found
    instrument: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    refused_to_sign: bool = False
    #: names of those who saw the user refuse to sign
    witnesses: str = ""
    next_appointment_at: datetime | None = None
    pictures: Sequence[Picture] = ()

    def has(self, *kinds: str) -> bool:
        """Whether a picture of one of these kinds came along."""
        return any(one.item.kind in kinds for one in self.pictures)


@dataclass(frozen=True)
class Judged:
    """The answers as they are kept, the keys of those that failed, and everything that is wrong."""

    answers: Mapping[str, str]
    failed: tuple[str, ...]
    faults: tuple[FieldError, ...]


def judged(given: VisitGiven, checklist: Checklist, *, now: datetime) -> Judged:
    """The answers as they are kept, and all faults of the visit; answers count for a visit that was done only."""
    faults = _faults(given, now)
    if given.result != "done":
        return Judged({}, (), tuple(faults))
    photos = Counter(one.shows for one in given.pictures if one.shows)
    said = {
        str(key)[:80]: Given(str(value or ""), photos=photos[str(key)])
        for key, value in given.answers.items()
    }
    said |= {key: Given(photos=n) for key, n in photos.items() if key not in said}
    found, wrong = judge(checklist, said, prefix="answers.")
    failed = tuple(item.key for item in checklist.items if item.key in found and found[item.key].is_failed)
    if any(checklist.by_key[key].unit == LEAK_UNIT for key in failed) and not given.instrument.strip():
        faults.append(FieldError("instrument", "required"))
    answers = {key: one.value for key, one in found.items() if one.value}
    return Judged(answers, failed, (*faults, *wrong))


def witnesses_of(words: str) -> list[str]:
    """The names in a text, whatever stands between them."""
    return [one for one in _BETWEEN.split(words.strip()) if one]


def _faults(given: VisitGiven, now: datetime) -> list[FieldError]:
    faults = []
    if given.result not in RESULTS:
        faults.append(FieldError("result", "unknown_choice", {"value": given.result[:40]}))
    if given.visited_at > now + AHEAD:
        faults.append(FieldError("visited_at", "in_the_future", {"latest": now}))
    if given.visited_at < now - OLDEST:
        faults.append(FieldError("visited_at", "too_long_ago", {"days": OLDEST.days}))
    if given.next_appointment_at is not None and given.next_appointment_at <= now:
        faults.append(FieldError("next_appointment_at", "not_in_the_past"))
    if len(given.instrument) > INSTRUMENT_LENGTH_MAX:
        faults.append(FieldError("instrument", "too_long", {"at_most": INSTRUMENT_LENGTH_MAX}))
    if len(given.note) > NOTE_LENGTH_MAX:
        faults.append(FieldError("note", "too_long", {"at_most": NOTE_LENGTH_MAX}))
    faults += _place_faults(given)
    if len(given.pictures) > PHOTOS_MAX:
        faults.append(FieldError("photos", "too_many_files", {"most": PHOTOS_MAX}))
    return [*faults, *_proof_faults(given)]


def _proof_faults(given: VisitGiven) -> list[FieldError]:
    """What must come along: the user's signature or two witnesses, the notice at the door, a picture of what was found there."""
    if given.result in IN_VAIN:
        return [] if given.has(NOTICE) else [FieldError("notice", "notice_photo_needed")]
    if given.result != "done":
        return [] if given.has("PHOTO_BEFORE") else [FieldError("photos", "picture_needed")]
    if not given.refused_to_sign:
        return [] if given.has(SIGNATURE) else [FieldError("signature", "signature_needed")]
    if len(witnesses_of(given.witnesses)) < WITNESSES_MIN:
        return [FieldError("witnesses", "two_witnesses")]
    return []


def _place_faults(given: VisitGiven) -> list[FieldError]:
    faults = []
    for name, value, most in (("lon", given.lon, 180), ("lat", given.lat, 90)):
        if value is not None and not -most <= value <= most:
            faults.append(FieldError(name, "out_of_range", {"minimum": -most, "maximum": most}))
    if (given.lon is None) != (given.lat is None):
        faults.append(FieldError("lon" if given.lon is None else "lat", "required"))
    return faults
