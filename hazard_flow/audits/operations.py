"""Taking a file, giving it back, judging its points, deciding. Each is one event of the audit; sending back walks through the door.

Two people never judge one file: the database itself holds one audit that is not given back for each (hazard, state it is in).
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.audits import chain, gathering, outcome, queries, sending_back
from hazard_flow.audits.finding import Finding
from hazard_flow.audits.judging import prejudge
from hazard_flow.audits.models import Audit
from hazard_flow.audits.outcome import Given
from hazard_flow.audits.rules import audit_rules
from hazard_flow.audits.seams import Seams
from hazard_flow.audits.separation import own_work
from hazard_flow.errors import Conflict, FieldError, NotAllowed, Refused, VersionConflict
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.storage.base import new_id

RIGHT = "audits.judge"


class FileTaken(Conflict):
    """Somebody else has the file, or has decided on it."""

    code = "file_taken"


class NotAuditable(Conflict):
    """There is no closure file to judge, nor does policy ask for one beforehand."""

    code = "not_auditable"


class AuditClosed(Conflict):
    """The audit was decided or given back."""

    code = "audit_closed"


def take(
    session: Session,
    *,
    actor: Actor,
    number: str,
    request_key: str,
    now: datetime,
    store: Store | None = None,
    seams: Seams | None = None,
) -> Audit:
    """The file of a hazard in the hands of this person, prejudged; the same person taking it again gets it as it stands.

    Raises NotFound out of scope, FileTaken, NotAuditable, and Refused for one's own work.
    """
    _may(actor)
    digest = chain.digest_of(("take", number))
    if (earlier := chain.answered(session, actor, request_key, digest)) is not None:
        return queries.by_id(session, earlier)
    hazard = hazards.by_number(session, number)
    _not_own(session, actor, hazard)
    if (present := queries.standing(session, hazard)) is not None:
        if present.is_open and present.taken_by == actor.id:
            return present
        raise FileTaken(f"{number} is taken or decided", number=number)
    if not queries.is_auditable(session, hazard, now):
        raise NotAuditable(f"{number} has no file to judge", number=number)
    dossier = gathering.whole(session, hazard, now, seams=seams, store=store)
    findings, document = prejudge(dossier), dossier.document
    assert actor.id is not None
    audit = Audit(
        id=new_id(),
        home_id=hazard.home_id,
        hazard_id=hazard.id,
        state_seq=hazard.state_seq,
        hazard_seq=hazard.seq,
        document_id=document.id if document is not None else None,
        state="open",
        rules_version=audit_rules().version,
        taken_by=actor.id,
        taken_at=now,
        findings=[one.plain() for one in findings],
        verdicts={},
        seq=0,
        head=hazard.head,
    )
    try:
        with session.begin_nested():
            session.add(audit)
    except IntegrityError as error:
        raise FileTaken(f"{number} was taken a moment ago", number=number) from error
    data = {
        "number": hazard.number,
        "hazard_seq": hazard.seq,
        "rules": audit.rules_version,
        "file": None
        if document is None
        else {"name": document.name, "version": document.version, "sha256": document.sha256,
              "record_sha256": document.record_sha256},
        "findings": audit.findings,
    }  # fmt: skip
    _note(session, audit, chain.TAKEN, data, actor=actor, request_key=request_key, digest=digest, now=now)
    return audit


def release(session: Session, *, actor: Actor, audit_id: uuid.UUID, request_key: str, now: datetime) -> Audit:
    """The file goes back to the queue; whoever took it may, and after some days of rest anybody."""
    digest = chain.digest_of(("release", str(audit_id)))

    def work(audit: Audit) -> None:
        if audit.taken_by != actor.id and now - audit.taken_at < audit_rules().release_after:
            raise NotAllowed("somebody else has the file", fields=[FieldError("", "audit_of_another")])
        audit.state = "released"
        _note(
            session, audit, chain.RELEASED, {}, actor=actor, request_key=request_key, digest=digest, now=now
        )

    return _on(session, actor, audit_id, request_key, digest, work)


def judge(
    session: Session,
    *,
    actor: Actor,
    audit_id: uuid.UUID,
    given: Sequence[Given],
    request_key: str,
    now: datetime,
    expected_version: int | None = None,
) -> Audit:
    """A person's verdicts on some points; a later one on the same point counts. Raises Refused listing all that is wrong."""
    digest = chain.digest_of(("judge", str(audit_id), [(g.point, g.verdict, g.reason) for g in given]))

    def work(audit: Audit) -> None:
        _expect(audit, expected_version)
        _mine(audit, actor)
        findings = findings_of(audit)
        if problems := outcome.wrong(given, findings, audit_rules()):
            raise Refused(fields=problems)
        noted = {
            one.point: {
                "verdict": one.verdict,
                "reason": one.reason.strip(),
                "machine": findings[one.point].result,
            }
            for one in given
        }
        audit.verdicts = {**audit.verdicts, **noted}
        _note(session, audit, chain.JUDGED, {"verdicts": noted}, actor=actor, request_key=request_key,
              digest=digest, now=now)  # fmt: skip

    return _on(session, actor, audit_id, request_key, digest, work)


def decide(
    session: Session,
    *,
    actor: Actor,
    audit_id: uuid.UUID,
    decision: str,
    opinion: str = "",
    request_key: str,
    now: datetime,
    expected_version: int | None = None,
) -> Audit:
    """Pass it, or send it back through the door: a re-checked hazard returns to work, a closed one opens anew, linked to it.

    Raises Refused listing every point that still waits or stands in the way, and whatever the door refuses.
    """
    digest = chain.digest_of(("decide", str(audit_id), decision, opinion))

    def work(audit: Audit) -> None:
        _expect(audit, expected_version)
        _mine(audit, actor)
        if problems := outcome.undecided(audit.verdicts, decision, opinion, audit_rules()):
            raise Refused(fields=problems)
        audit.score = outcome.score(audit.verdicts, audit_rules())
        audit.failed = len(outcome.failed(audit.verdicts))
        audit.opinion, audit.decided_at = opinion.strip() or None, now
        audit.state = "passed"
        led_to: dict[str, Any] = {}
        if decision == "return":
            audit.state = "returned"
            hazard = session.get_one(Hazard, audit.hazard_id)
            led_to = sending_back.send_back(
                session, audit, hazard, actor=actor, opinion=opinion.strip(), now=now
            )
        data = {
            "outcome": decision,
            "opinion": audit.opinion,
            "score": audit.score,
            "verdicts": audit.verdicts,
            **led_to,
        }
        _note(
            session, audit, chain.DECIDED, data, actor=actor, request_key=request_key, digest=digest, now=now
        )

    return _on(session, actor, audit_id, request_key, digest, work)


def findings_of(audit: Audit) -> dict[str, Finding]:
    """What the machine found when the file was taken, by point."""
    return {found.point: found for found in map(Finding.read, audit.findings)}


def _on(
    session: Session,
    actor: Actor,
    audit_id: uuid.UUID,
    request_key: str,
    digest: bytes,
    work: Callable[[Audit], None],
) -> Audit:
    """One change of an open audit, locked; the same request again changes nothing."""
    _may(actor)
    audit = queries.by_id(session, audit_id, lock=True)
    if chain.answered(session, actor, request_key, digest) is not None:
        return audit
    if not audit.is_open:
        raise AuditClosed(f"audit {audit.state}", state=audit.state)
    work(audit)
    session.flush()
    return audit


def _note(session: Session, audit: Audit, type_: str, data: dict[str, Any], **given: Any) -> None:
    chain.append(session, audit, type_, data, **given)
    session.flush()


def _may(actor: Actor) -> None:
    demand(actor, RIGHT)
    if not actor.may_write:
        raise NotAllowed("read-only token", right="write")


def _mine(audit: Audit, actor: Actor) -> None:
    if audit.taken_by != actor.id:
        raise NotAllowed("somebody else has the file", fields=[FieldError("", "audit_of_another")])


def _expect(audit: Audit, version: int | None) -> None:
    if version is not None and version != audit.seq:
        raise VersionConflict(f"version {audit.seq}, not {version}", expected=version, version=audit.seq)


def _not_own(session: Session, actor: Actor, hazard: Hazard) -> None:
    if own_work(session, actor, [hazard]):
        raise Refused(fields=[FieldError("number", "audit_own_work")])
