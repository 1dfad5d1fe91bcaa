"""One module for each signal: its definition, its pure judgement, its one query."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import Asked
from hazard_flow.assessment.radar.findings import Finding
from hazard_flow.assessment.radar.signals import (
    closed_too_fast,
    contradicted_closings,
    last_day_closing,
    moved_deadlines,
    recurring_assets,
    reused_photos,
    silent_teams,
)

Look = Callable[[Session, Asked], Sequence[Finding]]

#: signal → who looks for it
LOOKS: Mapping[str, Look] = {
    "contradicted_closings": contradicted_closings.look,
    "reused_photos": reused_photos.look,
    "closed_too_fast": closed_too_fast.look,
    "last_day_closing": last_day_closing.look,
    "moved_deadlines": moved_deadlines.look,
    "recurring_assets": recurring_assets.look,
    "silent_teams": silent_teams.look,
}
