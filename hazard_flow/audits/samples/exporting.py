"""Batch export: the files chosen are listed and recorded first, then streamed as a ZIP that holds them and a manifest.

The ZIP is written while it is sent, one piece at a time: its length is known beforehand, because PDFs are stored as they are, so a browser
shows how far it is, and a transfer that breaks is seen to be broken. Every file is hashed again on its way out.
"""

import csv
import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.audits import chain
from hazard_flow.audits.models import AuditExport, AuditPlan, AuditSample
from hazard_flow.audits.samples.numbering import keep, next_number
from hazard_flow.errors import FieldError, KeyReused, NotAllowed, NotFound, OutsideWorld, Refused
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.reports.models import Document
from hazard_flow.reports.queries import CLOSURE
from hazard_flow.storage.base import new_id
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session

RIGHT = "audits.export"
FORMAT = "hazard-flow-export/1"
#: more is asked for in parts; below two gigabytes a ZIP needs none of the extensions that old programs do not read
FILES_MAX, BYTES_MAX = 2_000, 1_900_000_000
COLUMNS = ("number", "file", "sha256", "size", "version", "sealed", "record_sha256", "issued_at")
MANIFEST, TABLE = "manifest.json", "manifest.csv"


@dataclass(frozen=True)
class Chosen:
    """What an export is chosen by; empty fields narrow nothing, but something must be given."""

    plan: str = ""
    numbers: tuple[str, ...] = ()
    organisation: uuid.UUID | None = None
    closed_from: datetime | None = None
    #: not included
    closed_to: datetime | None = None
    urgency: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is recorded."""
        found = {name: value for name, value in asdict(self).items() if value not in (None, "", ())}
        return {
            name: instant_text(value) if isinstance(value, datetime)
            else list(value) if isinstance(value, tuple) else str(value)
            for name, value in found.items()
        }  # fmt: skip


def ask(session: Session, *, actor: Actor, chosen: Chosen, request_key: str, now: datetime) -> AuditExport:
    """The list of files, frozen and recorded: who asked for which, when. Raises Refused where there are none or too many."""
    demand(actor, RIGHT)
    if not actor.may_write:
        raise NotAllowed("read-only token", right="write")
    digest = chain.digest_of(("export", sorted(chosen.plain().items())))
    if (earlier := _earlier(session, actor, request_key, digest)) is not None:
        return earlier
    if not chosen.plain():
        raise Refused(fields=[FieldError("", "nothing_chosen")])
    rows, missing = _files(session, chosen)
    scope = scope_of_session(session)
    # a part in the hazard alone does not open the names in its file: the rule of the table `personal`
    readable = [d for d, h in rows if not d.personal or scope.sees(path=h.path, division=h.division)]
    size = sum(document.size for document in readable)
    if not readable:
        raise Refused(fields=[FieldError("", "nothing_to_export")])
    if len(readable) > FILES_MAX or size > BYTES_MAX:
        limits = {"files": FILES_MAX, "megabytes": BYTES_MAX // 1_000_000, "n": len(readable)}
        raise Refused(fields=[FieldError("", "export_too_large", limits)])
    assert actor.id is not None
    export = AuditExport(
        id=new_id(),
        number=next_number(session, AuditExport.number, "DC", now, rules_of(session).zone),
        division=next(h.division for h in actor.holdings if h.regulator),
        actor=actor.key,
        asked_by=actor.id,
        asked_at=now,
        chosen=chosen.plain(),
        files=[_line(document) for document in readable],
        withheld=len(rows) - len(readable),
        missing=missing,
        size=size,
        manifest_sha256="",
        request_key=request_key,
        digest=digest,
    )
    export.manifest_sha256 = hashlib.sha256(manifest(export)).hexdigest()
    keep(session, export)
    return export


def by_number(session: Session, number: str) -> AuditExport:
    """One export of the reader's divisions."""
    found = session.scalar(sa.select(AuditExport).where(AuditExport.number == number, _seen(session)))
    if found is None:
        raise NotFound(f"export {number}")
    return found


def mine(session: Session, actor: Actor, number: str) -> AuditExport:
    """One export for whoever asked for it: what is recorded is who took the files out. Raises NotFound, NotAllowed."""
    demand(actor, RIGHT)
    found = by_number(session, number)
    if found.asked_by != actor.id:
        raise NotAllowed("somebody else asked for it", fields=[FieldError("", "export_of_another")])
    return found


def page(session: Session, *, cursor: str | None, limit: int) -> Page[AuditExport]:
    """The exports of the reader's divisions, the newest first."""
    statement = sa.select(AuditExport).where(_seen(session))
    return keyset(
        session, statement, instant=AuditExport.asked_at, id_=AuditExport.id, cursor=cursor, limit=limit
    )


def manifest(export: AuditExport) -> bytes:
    """What the ZIP holds, for a machine: its own list with counts. No title, place or name stands in it."""
    listed = {
        "format": FORMAT,
        "export": export.number,
        "asked_at": instant_text(export.asked_at),
        "asked_by": str(export.asked_by),
        "chosen": export.chosen,
        "counts": {
            "files": len(export.files),
            "bytes": export.size,
            "sealed": sum(bool(one["sealed"]) for one in export.files),
            "withheld": export.withheld,
            "missing": export.missing,
        },
        "files": export.files,
    }
    return json.dumps(listed, ensure_ascii=False, indent=1).encode()


def table(export: AuditExport) -> bytes:
    """The same list as a spreadsheet opens it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(export.files)
    return out.getvalue().encode("utf-8-sig")


def zip_size(export: AuditExport) -> int:
    """How many bytes `zip_stream` gives: headers, files, what follows each, and the directory at the end."""
    sizes = {MANIFEST: len(manifest(export)), TABLE: len(table(export))}
    sizes |= {str(one["file"]): int(one["size"]) for one in export.files}
    return sum(30 + 16 + 46 + 2 * len(name) + size for name, size in sizes.items()) + 22


def zip_stream(export: AuditExport, store: Store) -> Iterator[bytes]:
    """The ZIP, piece by piece; raises OutsideWorld where a file is not what the list says."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, content in ((MANIFEST, manifest(export)), (TABLE, table(export))):
            with archive.open(_info(name, export.asked_at, len(content)), "w") as member:
                member.write(content)
            yield sink.take()
        for one in export.files:
            yield from _member(archive, sink, one, store)
    yield sink.take()


def _member(archive: zipfile.ZipFile, sink: "_Sink", one: Mapping[str, Any], store: Store) -> Iterator[bytes]:
    seen, at = hashlib.sha256(), datetime.fromisoformat(str(one["issued_at"]))
    with archive.open(_info(str(one["file"]), at, int(one["size"])), "w") as member:
        for piece in store.stream(str(one["sha256"]), area="document"):
            seen.update(piece)
            member.write(piece)
            yield sink.take()
        if seen.hexdigest() != one["sha256"]:
            raise OutsideWorld(f"{one['file']} is not what was issued", permanent=True)
    yield sink.take()


def _info(name: str, at: datetime, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.file_size, info.external_attr = size, 0o644 << 16
    return info


class _Sink(io.RawIOBase):
    """Where the archive writes to; holds no more than one piece. It cannot be sought in, so sizes follow each file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Keep a piece until it is taken."""
        piece = bytes(data)
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def _files(session: Session, chosen: Chosen) -> tuple[Sequence[tuple[Document, Hazard]], int]:
    """The newest closure file of each hazard chosen, by number; and how many have none yet."""
    scope = scope_of_session(session)
    wanted = sa.select(Hazard.id).where(
        scope.where(Hazard.path, Hazard.division, Hazard.parties), Hazard.closed_at.is_not(None)
    )
    if chosen.plan:
        drawn = sa.exists().where(
            AuditSample.hazard_id == Hazard.id,
            AuditSample.plan_id == AuditPlan.id,
            AuditPlan.number == chosen.plan,
        )
        wanted = wanted.where(drawn)
    if chosen.numbers:
        wanted = wanted.where(Hazard.number.in_(chosen.numbers))
    if chosen.organisation is not None:
        wanted = wanted.where(Hazard.home_id == chosen.organisation)
    if chosen.closed_from is not None:
        wanted = wanted.where(Hazard.closed_at >= chosen.closed_from)
    if chosen.closed_to is not None:
        wanted = wanted.where(Hazard.closed_at < chosen.closed_to)
    if chosen.urgency:
        wanted = wanted.where(
            Hazard.level == "major"
            if chosen.urgency == "M"
            else sa.and_(Hazard.level == "general", Hazard.urgency == chosen.urgency)
        )
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    newest = (
        sa.select(Document.subject_id, sa.func.max(Document.version).label("version"))
        .where(Document.kind == CLOSURE, Document.subject_id.in_(wanted))
        .group_by(Document.subject_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(Document, Hazard)
        .join(
            newest, sa.and_(newest.c.subject_id == Document.subject_id, newest.c.version == Document.version)
        )
        .join(Hazard, Hazard.id == Document.subject_id)
        .where(Document.kind == CLOSURE)
        .order_by(Document.number)
        .limit(FILES_MAX + 1)
    ).all()
    return [(document, hazard) for document, hazard in rows], max(0, total - len(rows))


def _line(document: Document) -> dict[str, Any]:
    return {
        "number": document.number,
        "file": f"{document.number}.v{document.version}.pdf",
        "sha256": document.sha256,
        "size": document.size,
        "version": document.version,
        "sealed": document.sealed,
        "record_sha256": document.record_sha256,
        "issued_at": instant_text(document.issued_at),
    }


def _earlier(session: Session, actor: Actor, request_key: str, digest: bytes) -> AuditExport | None:
    found = session.scalar(
        sa.select(AuditExport).where(AuditExport.actor == actor.key, AuditExport.request_key == request_key)
    )
    if found is not None and found.digest != digest:
        raise KeyReused(f"key {request_key!r} was used for another request", key=request_key)
    return found


def _seen(session: Session) -> sa.ColumnElement[bool]:
    scope = scope_of_session(session)
    if scope.everything:
        return sa.true()
    return sa.or_(sa.false(), *(AuditExport.division.startswith(d, autoescape=True) for d in scope.divisions))
