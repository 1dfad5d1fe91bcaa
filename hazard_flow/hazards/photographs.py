"""A hazard's evidence as its page shows it: before and after side by side, the rest beneath."""

import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Literal

from hazard_flow.evidence.kinds import kind_name
from hazard_flow.evidence.models import Evidence as EvidenceRow
from hazard_flow.hazards.case_views import MarkShape
from hazard_flow.hazards.judging import tablet_word
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.flags import NO_FLAGS, Flags
from hazard_flow.hazards.views import Evidence, EvidencePair, HazardPage, PhotoTime
from hazard_flow.i18n import text
from hazard_flow.web.formats import duration_text

#: a device's clock this little off is not worth a word
SKEW_TOLD_SECONDS = 60


def shown(
    hazard: Hazard,
    stored: Sequence[EvidenceRow],
    people: Mapping[uuid.UUID, str],
    locale: str,
    *,
    flags: Flags = NO_FLAGS,
) -> tuple[tuple[EvidencePair, ...], tuple[Evidence, ...]]:
    """The pairs, and everything that is in none."""
    views = {(e.sha256, e.stage): _piece(hazard, e, people, locale, flags) for e in stored}
    after = {e.pair_of: e for e in stored if e.pair_of}
    before = [e for e in stored if e.kind == "PHOTO_BEFORE" and e.stage in ("report", "control")]
    pairs = tuple(
        EvidencePair(
            title=text("hazards.pair", locale, n=index),
            before=views[(e.sha256, e.stage)],
            after=views[(after[e.sha256].sha256, after[e.sha256].stage)] if e.sha256 in after else None,
        )
        for index, e in enumerate(before, start=1)
    )
    paired = {(p.before.sha256) for p in pairs} | {p.after.sha256 for p in pairs if p.after}
    return pairs, tuple(v for (sha, _), v in views.items() if sha not in paired)


def _piece(
    hazard: Hazard, e: EvidenceRow, people: Mapping[uuid.UUID, str], locale: str, flags: Flags
) -> Evidence:
    return Evidence(
        sha256=e.sha256,
        kind_label=kind_name(e.kind, locale),
        original_url=f"/evidence/{hazard.number}/{e.sha256}",
        display_url=f"/evidence/{hazard.number}/{e.shown_sha256}/display" if e.shown_sha256 else None,
        captured_at=e.photo_at or e.captured_at,
        times=times(e, locale),
        flags=tuple(flag.sentence(locale) for flag in flags.of(e.sha256)),
        by=people.get(e.uploaded_by, "") if e.uploaded_by else "",
        place_note=f"{e.lat:.5f}, {e.lon:.5f}" if e.lat is not None and e.lon is not None else "",
        file_name=e.filename,
        size_bytes=e.size,
        stage_label=text(f"hazards.evidence_stage.{e.stage}", locale),
        awaited=awaited(e),
        tablet=tablet_word(e.tablet_id),
        marks=tuple(drawn(e)),
    )


def awaited(e: EvidenceRow) -> Literal["", "all", "original", "lost"]:
    """What of a file has not come."""
    if e.has_original:
        return ""
    return "lost" if e.is_lost else "original" if e.has_copy else "all"


def drawn(e: EvidenceRow) -> Iterator[MarkShape]:
    """The arrows and circles over a picture, on a canvas of its own shape."""
    width, height = next(((a.width, a.height) for a in e.arrivals if a.width and a.height), (4000, 3000))
    for mark in e.marks or ():
        x1, x2 = (round(int(mark[x]) * width / 1000) for x in ("x1", "x2"))
        y1, y2 = (round(int(mark[y]) * height / 1000) for y in ("y1", "y2"))
        path = _circle(x1, y1, x2, y2) if mark["shape"] == "circle" else _arrow(x1, y1, x2, y2)
        yield MarkShape(width, height, path)


def _circle(x: int, y: int, rim_x: int, rim_y: int) -> str:
    r = max(1, round(math.hypot(rim_x - x, rim_y - y)))
    return f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0"


def _arrow(x1: int, y1: int, x2: int, y2: int) -> str:
    turn, head = math.atan2(y2 - y1, x2 - x1), math.hypot(x2 - x1, y2 - y1) / 4
    tips = [(x2 - head * math.cos(turn + side), y2 - head * math.sin(turn + side)) for side in (0.5, -0.5)]
    wings = "".join(f"M{x2} {y2}L{round(x)} {round(y)}" for x, y in tips)
    return f"M{x1} {y1}L{x2} {y2}{wings}"


def times(e: EvidenceRow, locale: str) -> tuple[PhotoTime, ...]:
    """The three clocks of a file, none in another's place; the device's with how far it was off."""
    found = []
    if e.photo_at is not None:
        found.append(PhotoTime(text("hazards.evidence.by_photo", locale), e.photo_at))
    if e.captured_at is not None:
        found.append(
            PhotoTime(text("hazards.evidence.by_device", locale), e.captured_at, skew_note(e, locale))
        )
    ours = "" if e.captured_at is not None else skew_note(e, locale)
    return (*found, PhotoTime(text("hazards.evidence.by_us", locale), e.received_at, ours))


def skew_note(e: EvidenceRow, locale: str) -> str:
    """How far the device's clock was off; nothing for a few seconds, which no clock is free of."""
    skew = e.clock_skew_s
    if skew is None or abs(skew) < SKEW_TOLD_SECONDS:
        return ""
    key = "hazards.evidence.clock_ahead" if skew > 0 else "hazards.evidence.clock_behind"
    return text(key, locale, span=duration_text(timedelta(seconds=abs(skew)), locale))


def pieces(page: HazardPage) -> dict[str, Evidence]:
    """The page's evidence by SHA-256, for forms that pair with it."""
    found = {p.before.sha256: p.before for p in page.evidence_pairs}
    return found | {e.sha256: e for e in page.other_evidence}
