"""What auditors do in stories: take a file, judge its points, decide."""

import contextlib
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from hazard_flow.audits import chain, operations, queries
from hazard_flow.audits.models import Audit
from hazard_flow.audits.outcome import Given
from hazard_flow.audits.rules import audit_rules
from hazard_flow.audits.samples import exporting, planning
from hazard_flow.audits.seams import Seams
from hazard_flow.hazards.models import Hazard
from hazard_flow.reports import queries as reports
from hazard_flow.reports.models import Document
from hazard_flow.reports.queries import Wanted
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.site import Site


@dataclass
class Bench:
    """The audit desk of a city."""

    city: City

    def issue(self, hazard: Hazard) -> None:
        """A file lies in the store and in the list of documents. Its pages are nobody's business here: laying them out costs a second."""
        now = self.city.look(hazard)
        with self.city.database.transaction(SYSTEM) as session:
            version = reports.next_version(session, Wanted(hazard.id))
            pdf = f"%PDF-1.7 {now.number} version {version}".encode()
            session.add(
                Document(
                    home_id=now.home_id, subject_id=now.id, kind=reports.CLOSURE, event_seq=now.seq, locale="zh",
                    version=version, name=uuid.uuid4().hex[:24], number=now.number, document_number=None,
                    issuer_id=None, personal=False, sha256=self.city.store.put(pdf, area="document"), size=len(pdf),
                    pages=4, record_sha256=hashlib.sha256(now.head).hexdigest(), sealed=False, issued_at=self.city.now,
                )
            )  # fmt: skip

    def closed(self, description: str = "阀井漏气，读数偏高", **data: Any) -> Hazard:
        """A closed hazard with its file."""
        hazard = self.city.bring_to(self.city.report(description, **data), "closed")
        self.issue(hazard)
        return hazard

    def queue(self, by: str = "唐监管", **wanted: Any) -> list[str]:
        """Numbers of the files that wait, in their order."""
        actor = self.city.actor(by)
        with self.city.database.reading(actor.scope) as session:
            page = queries.queue(
                session, queries.Wanted(**wanted), me=actor.id, now=self.city.now, cursor=None, limit=50
            )
            return [one.hazard.number for one in page.items]

    def take(self, hazard: Hazard, *, by: str = "唐监管", key: str | None = None) -> Audit:
        """Somebody takes a file."""
        actor = self.city.actor(by)
        with self.city.database.transaction(actor.scope) as session:
            return operations.take(
                session, actor=actor, number=hazard.number, request_key=key or uuid.uuid4().hex,
                now=self.city.now, store=self.city.store, seams=Seams(),
            )  # fmt: skip

    def judge(
        self,
        audit: Audit,
        given: Mapping[str, tuple[str, str]],
        *,
        by: str = "唐监管",
        key: str | None = None,
        version: int | None = None,
    ) -> Audit:
        """Verdicts and reasons on some points."""
        actor = self.city.actor(by)
        with self.city.database.transaction(actor.scope) as session:
            return operations.judge(
                session, actor=actor, audit_id=audit.id, request_key=key or uuid.uuid4().hex, now=self.city.now,
                given=[Given(point, *said) for point, said in given.items()], expected_version=version,
            )  # fmt: skip

    def agree(self, audit: Audit, *, by: str = "唐监管", **other: tuple[str, str]) -> Audit:
        """All points: what the machine found in order as it says, remarks in place of its doubts, except what is said otherwise."""
        given = {}
        for key, found in operations.findings_of(audit).items():
            if found.result in ("pass", "na", "remark"):
                given[key] = (found.result, "")
            else:
                given[key] = ("remark", "已当面核实，情况属实")
        return self.judge(audit, {**given, **other}, by=by)

    def decide(
        self, audit: Audit, decision: str, opinion: str = "", *, by: str = "唐监管", key: str | None = None
    ) -> Audit:
        """Pass, or send back."""
        actor = self.city.actor(by)
        with self.city.database.transaction(actor.scope) as session:
            return operations.decide(
                session, actor=actor, audit_id=audit.id, decision=decision, opinion=opinion,
                request_key=key or uuid.uuid4().hex, now=self.city.now,
            )  # fmt: skip

    def release(self, audit: Audit, *, by: str = "唐监管") -> Audit:
        """Back to the queue."""
        actor = self.city.actor(by)
        with self.city.database.transaction(actor.scope) as session:
            return operations.release(
                session, actor=actor, audit_id=audit.id, request_key=uuid.uuid4().hex, now=self.city.now
            )

    def draw(self, first: Any, last: Any, *, by: str = "唐监管", key: str | None = None, **given: Any) -> Any:
        """A sample of a period."""
        actor = self.city.actor(by)
        with self.city.database.transaction(actor.scope) as session:
            return planning.draw(
                session, actor=actor, first_day=first, last_day=last, request_key=key or uuid.uuid4().hex,
                now=self.city.now, **given,
            )  # fmt: skip

    def export(self, *, by: str = "唐监管", **chosen: Any) -> Any:
        """The list of an export."""
        actor = self.city.actor(by)
        with self.city.database.transaction(actor.scope) as session:
            return exporting.ask(
                session, actor=actor, chosen=exporting.Chosen(**chosen), request_key=uuid.uuid4().hex,
                now=self.city.now,
            )  # fmt: skip

    def broken_at(self, audit: Audit) -> int | None:
        """Where the audit's own chain breaks."""
        with self.city.database.reading(SYSTEM) as session:
            return chain.broken_at(session, session.get_one(Audit, audit.id))


POINTS = tuple(audit_rules().points)


def closed_at(site: Site, description: str) -> Hazard:
    """A closed hazard of a running site with its file, unless its worker was faster."""
    hazard = site.city.bring_to(site.city.report(description), "closed")
    with contextlib.suppress(IntegrityError):
        Bench(site.city).issue(hazard)
    return hazard
