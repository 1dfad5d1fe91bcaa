"""What a paper says: frozen values in both languages, no database, no page. `compose` makes them, the template prints one language.

The Chinese text counts and stands alone: it is what is sealed, signed and served. The English rendition is a file of its own, under the
same number and the same record, so that a page to be stamped carries no second language and counts its own pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.i18n import Label
from hazard_flow.reports.closure import Photo, Text, plain
from hazard_flow.reports.papers.values import Value


@dataclass(frozen=True)
class Party:
    """A body or a person a paper comes from or goes to."""

    name: Text
    uscc: str | None = None


@dataclass(frozen=True)
class Signer:
    """Somebody who signs: a name and, for officers, the number of their certificate; empty where it is filled in by hand."""

    name: str
    unit: Text = ""
    certificate: str = ""


@dataclass(frozen=True)
class Earlier:
    """The newest paper of another kind in the record before this one; all None where there is none."""

    number: str | None = None
    day: Label | None = None
    issuer: Label | None = None


@dataclass(frozen=True)
class Matter:
    """The hazard as it stood at the event that issued the paper."""

    number: str
    title: str
    #: False where the title is only the beginning of the description
    has_own_title: bool
    description: str
    place: str
    found: Label
    level: Label
    #: general or major
    level_key: str
    urgency: Label | None
    source: Text
    asset: Text | None
    #: what it was judged by: clauses, catalogue entries
    grounds: tuple[Text, ...]


@dataclass(frozen=True)
class Kept:
    """An interim control that was started, and perhaps lifted."""

    label: Label
    began: Label
    lifted: Label | None
    note: str


@dataclass(frozen=True)
class PaperSeal:
    """The record's numbers: what a stranger compares."""

    record_name: str
    record_size: int
    record_sha256: str
    event_seq: int
    event_hash: str


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper, whole."""

    kind: str
    title: Label
    #: operator, regulator or government
    side: str
    number: str
    #: as in /verify/<document>
    document: str
    version: int
    issued_at: datetime
    issued_day: Label
    issuer: Party
    addressee: Party
    #: it stays inside the enterprise
    internal: bool
    enterprise: Party
    unit: Text
    regulator: Party
    matter: Matter
    #: every field of the paper's report.yaml, given or not
    fields: Mapping[str, Value]
    #: who acted
    actor: Signer
    #: who reported the hazard, if it was a person
    finder: Signer | None
    #: at least two places for officers
    officers: tuple[Signer, ...]
    responsible: Signer | None
    verifiers: tuple[Signer, ...]
    closer: Signer | None
    #: the enterprise's principal
    principal: str
    #: clauses read in full
    law: tuple[Label, ...]
    #: clauses still to be checked
    unchecked: tuple[Label, ...]
    wording: Mapping[str, Label]
    #: by kind, for every kind there is
    earlier: Mapping[str, Earlier]
    #: the deadline first set; on-time is judged by it
    first_due: Label | None
    #: days between the present deadline and the one asked for
    days_asked: int | None
    #: what a re-check came to, as stated or as the act itself says
    outcome: Label | None
    reading: Text | None
    controls: tuple[Kept, ...]
    photos: tuple[Photo, ...]
    #: what is in the file: kinds of evidence with their counts
    holdings: tuple[Label, ...]
    #: names, phones or flats are printed
    personal: bool
    seal: PaperSeal
    verify_url: str
    qr_asset: str
    zone: str


def template_data(paper: Paper, locale: str) -> dict[str, Any]:
    """The paper as JSON values for the template, in `zh` or `en`; fields stand under `f` with what a page asks of them."""
    data: dict[str, Any] = plain(paper)
    for name, value in paper.fields.items():
        data["fields"][name]["given"] = value.text is not None
    return {**data, "f": data.pop("fields"), "locale": locale, "zh": locale == "zh"}
