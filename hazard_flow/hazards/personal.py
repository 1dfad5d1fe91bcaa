"""Personal values leave the event before it is hashed: the event keeps a digest, value and salt stand apart and can be erased."""

from collections.abc import Mapping
from typing import Any

from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.operations import keep_personal


def split_personal(batch: Batch, hazard: Hazard, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they may be hashed: those of personal fields replaced by `{"sha256": …}`."""
    found = {}
    for name, value in values.items():
        definition = batch.rules.fields.fields.get(name)
        if definition is not None and definition.personal and value not in (None, ""):
            digest = keep_personal(
                batch.session,
                value=str(value),
                subject_id=hazard.id,
                path=hazard.path,
                division=hazard.division,
            )
            found[name] = {"sha256": digest}
        else:
            found[name] = value
    return found


def protected_values(batch: Batch, hazard: Hazard) -> dict[str, Any]:
    """The digest of a protected reporter; who it was is kept apart, where the hazard's own place hides it from the enterprise."""
    if hazard.protected_reporter_id is None:
        return {}
    digest = keep_personal(
        batch.session,
        value=str(hazard.protected_reporter_id),
        subject_id=hazard.id,
        path=hazard.path,
        division=hazard.division,
    )
    return {"protected_reporter": {"sha256": digest}}
