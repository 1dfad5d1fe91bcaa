"""What the audit desk asks of other features, handed in by `app`: doubts about evidence, and whether a file proves itself."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hazard_flow.audits.dossier import Flag, Proven
from hazard_flow.evidence.store import Store
from hazard_flow.reports.models import Document

#: set-based: hazards → the flags raised about their evidence
FlagProvider = Callable[[Session, Sequence[uuid.UUID]], Mapping[uuid.UUID, Sequence[Flag]]]
#: the verification of one document's bytes, seal and proof included
ProofProvider = Callable[[Session, Store, Document], Proven]


@dataclass(frozen=True)
class Seams:
    """The registered providers; without one its part of a point rests on what the record itself shows."""

    flags: FlagProvider | None = None
    proof: ProofProvider | None = None
