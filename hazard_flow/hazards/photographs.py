"""A hazard's evidence as its page shows it: before and after side by side, the rest beneath."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from hazard_flow.evidence.kinds import kind_name
from hazard_flow.evidence.models import Evidence as EvidenceRow
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
        display_url=f"/evidence/{hazard.number}/{e.display_sha256}/display" if e.display_sha256 else None,
        captured_at=e.exif_at or e.captured_at,
        times=times(e, locale),
        flags=tuple(flag.sentence(locale) for flag in flags.of(e.sha256)),
        by=people.get(e.uploaded_by, "") if e.uploaded_by else "",
        place_note=f"{e.lat:.5f}, {e.lon:.5f}" if e.lat is not None and e.lon is not None else "",
        file_name=e.filename,
        size_bytes=e.size,
        stage_label=text(f"hazards.evidence_stage.{e.stage}", locale),
    )


def times(e: EvidenceRow, locale: str) -> tuple[PhotoTime, ...]:
    """The three clocks of a file, none in another's place; the device's with how far it was off."""
    found = []
    if e.exif_at is not None:
        found.append(PhotoTime(text("hazards.evidence.by_photo", locale), e.exif_at))
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
