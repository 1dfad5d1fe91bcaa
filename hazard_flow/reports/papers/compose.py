"""From a hazard's sources up to one event to what the paper of that event says. Pure: the same sources give the same words."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.i18n import Label
from hazard_flow.reports import passages, words
from hazard_flow.reports.closure import Photo, Text
from hazard_flow.reports.compose import photo
from hazard_flow.reports.gather import Event, Sources
from hazard_flow.reports.papers import values
from hazard_flow.reports.papers.content import Earlier, Kept, Matter, Paper, PaperSeal, Party, Signer
from hazard_flow.reports.papers.record import RECORD_NAME, record_of
from hazard_flow.reports.papers.rule import PaperRule
from hazard_flow.reports.papers.values import Stated, Value
from hazard_flow.workflow.documents import DocumentKind, installed_kinds

#: officers who must sign (Administrative Penalty Law art. 42; Zhejiang regulation for re-checks)
OFFICERS_MIN = 2
#: what an act says about the re-check where nobody stated its result
_OUTCOMES = {"pass": "rectified", "fail": "not_rectified"}
#: the newest values a paper may draw on beside the fields it prints
_BACKGROUND = ("title", "description", "place", "due_at", "basis", "clause", "catalogue_code")
#: longest title made from a description
TITLE_LENGTH_MAX = 60
_NOBODY = Party("—")


@dataclass(frozen=True)
class Draft:
    """A paper on the way to the press: what it says in both languages and the record it carries."""

    sources: Sources
    rule: PaperRule
    kind: DocumentKind
    #: the newest value of every field the paper prints or draws on
    said: Mapping[str, Stated]
    record_bytes: bytes

    @property
    def record_sha256(self) -> str:
        """Hex SHA-256 of document.json; the same for both languages and every version."""
        return hashlib.sha256(self.record_bytes).hexdigest()

    def name(self, version: int, locale: str) -> str:
        """The public name of a rendition: 96 bits of the record's hash, so nobody finds it by counting numbers."""
        return f"{self.record_sha256[:24]}-{version}" + ("" if locale == "zh" else f"-{locale}")


def draft(sources: Sources, rule: PaperRule) -> Draft:
    """What the last event of the sources issued. Raises BrokenChain when the events do not prove each other."""
    newest, own = values.stated(sources.events), values.stated(sources.events[-1:])
    said = {name: newest[name] for name in (*rule.record, *_BACKGROUND) if name in newest}
    said |= {name: own[name] for name in rule.act if name in own}
    record_bytes = record_of(sources, said, template_version=rule.version)
    return Draft(sources, rule, installed_kinds()[rule.key], said, record_bytes)


def compose(
    drafted: Draft, *, version: int, locale: str, verify_url: str, qr_asset: str, prints: Mapping[str, str]
) -> Paper:
    """The paper's content. `prints` gives the asset made of each display copy."""
    sources, rule, last = drafted.sources, drafted.rule, drafted.sources.events[-1]
    issued = last.issued
    assert issued is not None, "this event issued nothing"
    newest = values.stated(sources.events)
    fields = {name: values.value(sources, name, drafted.said.get(name)) for name in (*rule.act, *rule.record)}
    return Paper(
        kind=drafted.kind.key,
        title=drafted.kind.name,
        side=drafted.kind.issued_by,
        number=issued["number"],
        document=drafted.name(version, locale),
        version=version,
        issued_at=last.at,
        issued_day=values.day(last.at, sources.rules.zone),
        issuer=_issuer(sources, rule, fields, issued["issuer"]),
        addressee=_addressee(sources, rule, fields, newest),
        internal=_is_internal(sources, rule),
        enterprise=_party(sources.enterprise),
        unit=sources.unit.label if sources.unit else "—",
        regulator=_party(sources.regulator),
        matter=_matter(sources, newest),
        fields=fields,
        actor=_signer(sources, last.person),
        finder=_signer(sources, sources.events[0].person) if sources.events[0].person else None,
        officers=_officers(sources, fields, drafted.said),
        responsible=_one(sources, newest.get("responsible")),
        verifiers=tuple(_signer(sources, one) for one in values.people(sources, newest.get("verifiers"))),
        closer=_one(sources, newest.get("closer")),
        principal=sources.principal,
        law=tuple(clause.text for clause in rule.basis if clause.is_law),
        unchecked=tuple(clause.text for clause in rule.basis if not clause.is_law),
        wording=rule.wording,
        earlier=_earlier(sources),
        first_due=_first_due(sources),
        days_asked=_days_asked(newest, drafted.said),
        outcome=_outcome(sources, fields, last),
        reading=_reading(sources, fields),
        controls=_controls(sources),
        photos=_photos(sources, rule, prints),
        holdings=_holdings(sources),
        personal=any(value.personal for value in fields.values()),
        seal=PaperSeal(
            record_name=RECORD_NAME,
            record_size=len(drafted.record_bytes),
            record_sha256=drafted.record_sha256,
            event_seq=last.seq,
            event_hash=last.hash,
        ),
        verify_url=verify_url,
        qr_asset=qr_asset,
        zone=str(sources.rules.zone),
    )


def printable(sources: Sources, rule: PaperRule) -> tuple[str, ...]:
    """SHA-256 of the display copies the paper prints, the first pictures of the place as it was found."""
    copies = (e.shown_sha256 for e in sources.evidence if e.kind == "PHOTO_BEFORE" and e.shown_sha256)
    return tuple(dict.fromkeys(copies))[: rule.photos]


def _party(body: Any) -> Party:
    return Party(body.label, body.uscc) if body is not None else _NOBODY


def _issuer(sources: Sources, rule: PaperRule, fields: Mapping[str, Value], issuer: str) -> Party:
    named = fields[rule.issuer_field].text if rule.issuer_field else None
    return _party(sources.issuers.get(issuer)) if named is None else Party(named)


def _addressee(
    sources: Sources, rule: PaperRule, fields: Mapping[str, Value], newest: Mapping[str, Stated]
) -> Party:
    if rule.addressee == "enterprise":
        return _party(sources.enterprise)
    if rule.addressee == "unit":
        responsible = _one(sources, newest.get("responsible"))
        return Party(responsible.unit if responsible else _party(sources.unit).name)
    if rule.addressee in ("user", "receiving_body"):
        named = fields["user_name" if rule.addressee == "user" else "receiving_body"]
        return Party(named.text if named.text is not None else "")
    if _is_internal(sources, rule):
        return Party(rule.wording["approver"])
    ordered = _earlier(sources)["rectification_order"].issuer
    return Party(ordered) if ordered is not None else _party(sources.regulator)


def _is_internal(sources: Sources, rule: PaperRule) -> bool:
    """Whether the paper stays inside the enterprise: a slip, or a request nobody outside has to decide."""
    if rule.addressee != "approver":
        return rule.addressee == "unit"
    return _level(sources) != "major" and _earlier(sources)["rectification_order"].number is None


def _matter(sources: Sources, newest: Mapping[str, Stated]) -> Matter:
    hazard, book = sources.hazard, sources.rules.fields
    description = _text(newest, "description") or hazard.description
    level, urgency = _level(sources), _latest(sources, "urgency")
    grounds = [
        line
        for name in ("clause", "basis")
        if name in newest
        for line in values.value(sources, name, newest[name]).lines
    ]
    if not grounds and "catalogue_code" in newest:
        grounds = [values.clause_text(newest["catalogue_code"].raw)]
    place = _text(newest, "place")
    if not place and sources.asset is not None:
        place = sources.asset.address or sources.asset.name_zh
    return Matter(
        number=hazard.number,
        title=(_text(newest, "title") or description[:TITLE_LENGTH_MAX]).rstrip("。．.；;，, "),
        has_own_title="title" in newest,
        description=description,
        place=place,
        found=values.moment(hazard.found_at, sources.rules.zone),
        level=book.levels.get(level, words.UNKNOWN),
        level_key=level,
        urgency=book.urgencies.get(urgency) if urgency else None,
        source=book.sources.get(hazard.source, hazard.source),
        asset=_asset(sources),
        grounds=tuple(dict.fromkeys(grounds)),
    )


def _asset(sources: Sources) -> Text | None:
    if sources.asset is None:
        return None
    return Label(
        zh=f"{sources.asset.name_zh} {sources.asset.code}", en=f"{sources.asset.name_en} {sources.asset.code}"
    )


def _text(newest: Mapping[str, Stated], name: str) -> str:
    return str(newest[name].raw) if name in newest else ""


def _latest(sources: Sources, key: str) -> str | None:
    """The newest word of an event about the hazard itself."""
    return next((e.data[key] for e in reversed(sources.events) if e.data.get(key)), None)


def _level(sources: Sources) -> str:
    return _latest(sources, "level") or sources.hazard.level


def _signer(sources: Sources, person: uuid.UUID | None, certificate: str = "") -> Signer:
    if person is None:
        return Signer("")
    return Signer(sources.name(person), words.post(sources, person), certificate)


def _one(sources: Sources, said: Stated | None) -> Signer | None:
    found = values.people(sources, said)
    return _signer(sources, found[0]) if found else None


def _officers(
    sources: Sources, fields: Mapping[str, Value], said: Mapping[str, Stated]
) -> tuple[Signer, ...]:
    """The officers named, else whoever acted; at least two places, because two must sign."""
    named = values.people(sources, said.get("officers"))
    actor = sources.events[-1].person
    if not named and actor is not None:
        named = (actor,)
    numbers = (
        [str(line) for line in fields["officer_certificates"].lines]
        if "officer_certificates" in fields
        else []
    )
    numbers += [""] * len(named)
    signers = [_signer(sources, one, number) for one, number in zip(named, numbers, strict=False)]
    return tuple(signers + [Signer("")] * (OFFICERS_MIN - len(signers)))


def _earlier(sources: Sources) -> dict[str, Earlier]:
    found = dict.fromkeys(installed_kinds(), Earlier())
    for event in sources.events[:-1]:
        if event.issued is not None:
            issuer = sources.issuers.get(event.issued["issuer"])
            found[event.issued["kind"]] = Earlier(
                number=event.issued["number"],
                day=values.day(event.at, sources.rules.zone),
                issuer=issuer.label if issuer else None,
            )
    return found


def _first_due(sources: Sources) -> Label | None:
    for event in sources.events:
        if event.fields.get("due_at"):
            return values.deadline(datetime.fromisoformat(event.fields["due_at"]), sources.rules.zone)
    return None


def _days_asked(newest: Mapping[str, Stated], said: Mapping[str, Stated]) -> int | None:
    if "requested_due_at" not in said or "due_at" not in newest:
        return None
    asked, due = (datetime.fromisoformat(one.raw) for one in (said["requested_due_at"], newest["due_at"]))
    return (asked - due).days


def _outcome(sources: Sources, fields: Mapping[str, Value], last: Event) -> Label | None:
    known = fields.get("recheck_result")
    if known is None:
        return None
    if isinstance(known.text, Label):
        return known.text
    return sources.rules.fields.fields["recheck_result"].choices.get(_OUTCOMES.get(last.action, ""))


def _reading(sources: Sources, fields: Mapping[str, Value]) -> Text | None:
    if "leak_reading" not in fields or "leak_unit" not in fields:
        return None
    return values.reading(sources, fields["leak_reading"], fields["leak_unit"])


def _controls(sources: Sources) -> tuple[Kept, ...]:
    zone = sources.rules.zone
    return tuple(
        Kept(
            label=one.label,
            began=values.moment(one.started_at, zone),
            lifted=values.moment(one.lifted_at, zone) if one.lifted_at else None,
            note=one.note,
        )
        for one in passages.controls(sources)
    )


def _photos(sources: Sources, rule: PaperRule, prints: Mapping[str, str]) -> tuple[Photo, ...]:
    wanted = printable(sources, rule)
    first = {e.shown_sha256: e for e in reversed(sources.evidence) if e.shown_sha256 in wanted}
    return tuple(photo(first[copy], prints[copy], "before") for copy in wanted if copy in prints)


def _holdings(sources: Sources) -> tuple[Label, ...]:
    counted = Counter(e.kind for e in sources.evidence)
    return tuple(
        Label(zh=f"{words.kind(code).zh} {count} 件", en=f"{words.kind(code).en}: {count}")
        for code, count in sorted(counted.items())
    )
