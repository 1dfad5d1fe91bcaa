"""What the pages say, read as a reader of PDF reads it, against what the record implies. The one importer of pypdfium2.

The record speaks in ids where the pages speak in names; names are under the seal alone. Checked here: number, title, organisation, place,
every event in its order with its hash and instant, every piece of evidence with its whole SHA-256, the record's own hash, the chain's head,
the fingerprint of the seal. Text alone: what a page hides under a picture needs a person's eye, and the seal.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pypdfium2

from hazard_flow.reports.verifying.findings import Finding, Unreadable, fine, wrong

#: printed beside every event: 16 hex digits of its hash
HASH_DIGITS = 16
PAGES_MAX = 400
_ZONE = re.compile(r"At,([A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)*)")
_EVENT_HASH = re.compile(r"([0-9a-f]{16})\.\.\.")  # an ellipsis, made plain
_FACTS = ("number", "title", "organisation", "place")


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page without white space. Raises Unreadable."""
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"the pages cannot be read: {error}") from error
    try:
        if len(document) > PAGES_MAX:
            raise Unreadable(f"{len(document)} pages")
        return [_text(document, number) for number in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"a page cannot be read: {error}") from error
    finally:
        document.close()


def check_pages(
    texts: Sequence[str], record: Mapping[str, Any], hashes: Mapping[str, str]
) -> Iterator[Finding]:
    """Findings on the pages. `hashes` are named digests that must stand on them whole: record, head, seal."""
    whole = "".join(texts)
    missing = list(_missing_facts(whole, record["hazard"]))
    missing += [f"{name} {digest}" for name, digest in hashes.items() if digest not in whole]
    if missing:
        yield wrong("pages", "pages_lack", what="; ".join(missing)[:400])
    else:
        yield fine("pages", "pages_say", count=len(_FACTS) + len(hashes), pages=len(texts))
    yield from _check_events(whole, record["events"], hashes["head"])
    yield from _check_exhibits(texts, record["evidence"])


def footed(texts: Sequence[str], sha256: str) -> Finding:
    """Whether every page bears the record's hash at its foot."""
    bare = [number for number, text in enumerate(texts, start=1) if sha256 not in text]
    if bare:
        return wrong("pages", "pages_unfooted", pages=", ".join(map(str, bare))[:200])
    return fine("pages", "pages_footed", pages=len(texts))


def _text(document: pypdfium2.PdfDocument, number: int) -> str:
    page = document[number]
    text = page.get_textpage()
    try:
        return squeezed(text.get_text_range())
    finally:
        text.close()
        page.close()


def squeezed(text: str) -> str:
    """Without white space, controls and soft hyphens, compatibility forms made plain: where lines break must not matter."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(
        one for one in plain if not one.isspace() and unicodedata.category(one)[0] != "C" and one != "\ufffe"
    )


def _missing_facts(whole: str, hazard: Mapping[str, Any]) -> Iterator[str]:
    for name in _FACTS:
        value = hazard.get(name)
        if value and not _stands(str(value), whole):
            yield f"{name} {value}"


def _stands(value: str, whole: str) -> bool:
    wanted = squeezed(value)
    if wanted in whole:
        return True
    # a character no font has is printed by its number
    pattern = "".join(f"(?:{re.escape(one)}|〔U\\+{ord(one):04X}〕)" for one in wanted)
    return re.search(pattern, whole) is not None


def _check_events(whole: str, events: Sequence[Mapping[str, Any]], head: str) -> Iterator[Finding]:
    zone = _zone(whole)
    if zone is None:
        yield wrong("pages", "events_no_zone")
        return
    # From the log's head on: doubts about photographs, printed before it, name files in the same short form.
    head_of_log = _ZONE.search(whole)
    begin = head_of_log.start() if head_of_log else 0
    hashes = [event["prev"][:HASH_DIGITS] for event in events[1:]] + [head[:HASH_DIGITS]]
    printed = _EVENT_HASH.findall(whole, begin)
    if printed != hashes:
        at = next(
            (place for place, (a, b) in enumerate(zip(printed, hashes, strict=False), start=1) if a != b),
            min(len(printed), len(hashes)) + 1,
        )
        yield wrong("pages", "events_differ", seq=at, printed=len(printed), count=len(hashes))
        return
    place = begin
    for event in events:
        said = _line_of(event, zone)
        found = whole.find(said, place)
        if found < 0:
            at_local = datetime.fromisoformat(event["at"]).astimezone(zone)
            yield wrong("pages", "event_instant", seq=event["seq"], at=f"{at_local:%Y-%m-%d %H:%M:%S}")
            return
        place = found + len(said)
    yield fine("pages", "events_printed", count=len(events))


def _line_of(event: Mapping[str, Any], zone: ZoneInfo) -> str:
    """How a line of the log begins, squeezed."""
    instant = datetime.fromisoformat(event["at"]).astimezone(zone)
    return f"{event['seq']}{instant:%Y-%m-%d%H:%M:%S}"


def _zone(whole: str) -> ZoneInfo | None:
    found = _ZONE.search(whole)
    try:
        return ZoneInfo(found[1]) if found else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _check_exhibits(texts: Sequence[str], evidence: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    whole = "".join(texts)
    missing = [one["sha256"] for one in evidence if one["sha256"] not in whole]
    if missing:
        yield wrong("pages", "exhibits_missing", sha256=", ".join(missing)[:400])
    else:
        yield fine("pages", "exhibits_printed", count=len(evidence))
