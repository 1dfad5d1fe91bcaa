"""One file, everything about it: the order in which a stranger would ask."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
from cryptography import x509

from hazard_flow.ledger.keys import fingerprint, subject_text
from hazard_flow.reports.seal.judging import Judged, NotJudged, judge
from hazard_flow.reports.seal.sealer import Level
from hazard_flow.reports.verifying.contents import NotExact, certificates, check_seal, check_stamp, container
from hazard_flow.reports.verifying.exhibits import check_files
from hazard_flow.reports.verifying.findings import Finding, Report, Unreadable, fine, unjudged, wrong
from hazard_flow.reports.verifying.printed import check_pages, footed, page_texts
from hazard_flow.reports.verifying.proof import check_proof
from hazard_flow.reports.verifying.record import Opened, open_record

#: how far the sealing body's clock and the time stamp may lie apart
CLOCKS_APART_MAX = timedelta(hours=24)
_RANK = {None: 0, Level.B: 1, Level.T: 2, Level.LTA: 3}
SUBFILTER = "/ETSI.CAdES.detached"


def verify(
    pdf: bytes,
    *,
    trust: Sequence[x509.Certificate] = (),
    stampers: Sequence[x509.Certificate] = (),
    evidence: Path | None = None,
    require: Level | None = None,
) -> Report:
    """Check a closure file by itself. Raises Unreadable for what is no closure file.

    `trust`: certificates of authorities, or of the seal itself; `stampers`: those of time-stamping authorities; `evidence`: a folder with
    the original files; `require`: the least level of seal.
    """
    opened = _opened(pdf)
    report, path = _sealing(pdf, trust, stampers, require)
    findings = [*report.findings, *opened.findings]
    number = None
    if opened.value is not None:
        number = str(opened.value["hazard"].get("number"))
        findings += check_proof(opened.value, [*path, *trust])
        findings += _pages(pdf, opened.value, opened.sha256, report.fingerprint)
        if evidence is not None:
            findings += check_files(opened.value["evidence"], evidence)
    return replace(report, findings=tuple(findings), number=number)


def _opened(pdf: bytes) -> Opened:
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return open_record(document)
    except (AttributeError, KeyError, TypeError, ValueError, pikepdf.PdfError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:300]) from error


def _sealing(
    pdf: bytes, trust: Sequence[x509.Certificate], stampers: Sequence[x509.Certificate], require: Level | None
) -> tuple[Report, Sequence[x509.Certificate]]:
    """Findings on the seal and the time stamps, the facts they hold, and the certificates of the seal's path."""
    try:
        judged = judge(pdf, trust, stampers)
    except NotJudged as error:
        return Report((wrong("seal", "seal_unreadable", why=str(error)),)), ()
    seals = [one for one in judged if one.kind == "seal"]
    if not seals:
        return Report((wrong("seal", "unsealed"),)), ()
    seal, stamps = seals[0], [one for one in judged if one.kind == "stamp"]
    level = Level.LTA if stamps else Level.T if seal.stamp else Level.B
    path = _path_of(pdf, seal)
    findings = [*_form(pdf, judged), *_word(seal, judged, len(pdf)), *_time(seal, stamps, stampers)]
    if require is not None and _RANK[level] < _RANK[require]:
        findings.append(wrong("seal", "level_too_low", level=level, required=require))
    trusted = seal.is_trusted if trust else None
    findings.append(_trust(trusted, path) if seal.is_sound else unjudged("trust", "signer_moot"))
    report = Report(
        tuple(findings),
        level=level,
        trusted=trusted,
        signer=subject_text(path[0]) if path else None,
        fingerprint=fingerprint(path[0]) if path else None,
        sealed_at=seal.said_at,
        stamped_at=seal.stamp.at if seal.stamp else None,
    )
    return report, path


def _form(pdf: bytes, judged: Sequence[Judged]) -> Iterator[Finding]:
    """Every seal and time stamp in its one form."""
    for one in judged:
        try:
            der = container(pdf, one.byte_range)
            if one.contents[: len(der)] != der:
                raise NotExact("container_elsewhere", one.field)
            (check_seal if one.kind == "seal" else check_stamp)(der)
        except NotExact as error:
            yield wrong("seal", error.code, field=one.field, where=str(error.where))
        else:
            yield fine("seal", "form_exact", field=one.field)


def _word(seal: Judged, judged: Sequence[Judged], size: int) -> Iterator[Finding]:
    """The seal holds, is the only one, is final, and the last word reaches the last byte."""
    if sum(one.kind == "seal" for one in judged) != 1 or judged[0] is not seal:
        yield wrong("seal", "seal_not_alone", count=len(judged))
    for one in judged:
        if not one.is_sound:
            yield wrong("seal", "seal_broken", field=one.field)
        elif not one.is_last_word:
            yield wrong("seal", "changed_after", field=one.field)
        else:
            yield fine("seal", "seal_sound", field=one.field)
    if not seal.is_final or seal.subfilter != SUBFILTER:
        yield wrong("seal", "seal_not_final", subfilter=seal.subfilter)
    ends = max(one.byte_range[2] + one.byte_range[3] for one in judged)
    if ends == size:
        yield fine("seal", "covers_all", size=size)
    else:
        yield wrong("seal", "covers_not_all", ends=ends, size=size)


def _time(seal: Judged, stamps: Sequence[Judged], stampers: Sequence[x509.Certificate]) -> Iterator[Finding]:
    if seal.said_level not in set(Level):
        yield wrong("seal", "seal_foreign", said=seal.said_level or "—")
    if seal.stamp is None:
        if seal.said_level == Level.T:
            yield wrong("time", "stamp_missing")
        else:
            yield unjudged("time", "no_stamp", at=_told(seal.said_at))
        return
    given = [seal.stamp, *(one.stamp for one in stamps if one.stamp is not None)]
    if not all(one.is_sound for one in given):
        yield wrong("time", "stamp_broken")
    elif seal.said_at is None or abs(seal.stamp.at - seal.said_at) > CLOCKS_APART_MAX:
        yield wrong("time", "clocks_apart", at=_told(seal.stamp.at), said=_told(seal.said_at))
    elif all(one.is_trusted for one in given) and stampers:
        yield fine("time", "stamp_trusted", at=_told(seal.stamp.at))
    elif stampers:
        yield wrong("time", "stamp_not_trusted", at=_told(seal.stamp.at))
    else:
        yield unjudged("time", "stamp_whole", at=_told(seal.stamp.at))


def _trust(trusted: bool | None, path: Sequence[x509.Certificate]) -> Finding:
    told = {
        "signer": subject_text(path[0]) if path else "—",
        "issuer": subject_text(path[-1]) if path else "—",
        "fingerprint": fingerprint(path[0]) if path else "—",
    }
    if trusted is None:
        return unjudged("trust", "signer_not_judged", **told)
    return (
        fine("trust", "signer_trusted", **told) if trusted else wrong("trust", "signer_not_trusted", **told)
    )


def _path_of(pdf: bytes, seal: Judged) -> list[x509.Certificate]:
    try:
        return certificates(container(pdf, seal.byte_range))
    except NotExact:
        return []


def _pages(pdf: bytes, value: Mapping[str, Any], sha256: str, seal: str | None) -> Iterator[Finding]:
    try:
        texts = page_texts(pdf)
    except Unreadable as error:
        yield wrong("pages", "pages_unreadable", why=str(error))
        return
    hashes = {"record": sha256, "head": value["head"]}
    if seal is not None:
        hashes["seal"] = seal
    try:
        yield from check_pages(texts, value, hashes)
        yield footed(texts, sha256)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield wrong("record", "record_unreadable", why=f"{type(error).__name__} {error}"[:200])


def _told(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "—"
