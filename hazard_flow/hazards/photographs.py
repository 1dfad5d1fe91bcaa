"""A hazard's evidence as its page shows it: before and after side by side, the rest beneath."""

import uuid
from collections.abc import Mapping, Sequence

from hazard_flow.evidence.kinds import kind_name
from hazard_flow.evidence.models import Evidence as EvidenceRow
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.views import Evidence, EvidencePair, HazardPage
from hazard_flow.i18n import text


def shown(
    hazard: Hazard, stored: Sequence[EvidenceRow], people: Mapping[uuid.UUID, str], locale: str
) -> tuple[tuple[EvidencePair, ...], tuple[Evidence, ...]]:
    """The pairs, and everything that is in none."""
    views = {(e.sha256, e.stage): _piece(hazard, e, people, locale) for e in stored}
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


def _piece(hazard: Hazard, e: EvidenceRow, people: Mapping[uuid.UUID, str], locale: str) -> Evidence:
    return Evidence(
        sha256=e.sha256,
        kind_label=kind_name(e.kind, locale),
        original_url=f"/evidence/{hazard.number}/{e.sha256}",
        display_url=f"/evidence/{hazard.number}/{e.display_sha256}/display" if e.display_sha256 else None,
        captured_at=e.captured_at or e.exif_at,
        by=people.get(e.uploaded_by, "") if e.uploaded_by else "",
        place_note=f"{e.lat:.5f}, {e.lon:.5f}" if e.lat is not None and e.lon is not None else "",
        file_name=e.filename,
        size_bytes=e.size,
        stage_label=text(f"hazards.evidence_stage.{e.stage}", locale),
    )


def pieces(page: HazardPage) -> dict[str, Evidence]:
    """The page's evidence by SHA-256, for forms that pair with it."""
    found = {p.before.sha256: p.before for p in page.evidence_pairs}
    return found | {e.sha256: e for e in page.other_evidence}
