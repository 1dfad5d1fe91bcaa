"""The manuscript of a paper: its Chinese text, or the English rendition of it."""

import uuid

from hazard_flow.evidence.store import Store
from hazard_flow.reports.gather import Sources
from hazard_flow.reports.manuscript import Manuscript, pictures
from hazard_flow.reports.papers.compose import compose, draft, printable
from hazard_flow.reports.papers.content import template_data
from hazard_flow.reports.papers.record import RECORD_NAME
from hazard_flow.reports.papers.rule import load_rule
from hazard_flow.resources import resource_dir


def manuscript(
    sources: Sources, store: Store, *, kind: str, locale: str, version: int, public_url: str
) -> Manuscript:
    """What the last event of the sources issued, in one language. Touches the store to read pictures, and no database.

    Raises BrokenChain, and KeyError for a field the paper's report.yaml names and fields.yaml does not know.
    """
    drafted = draft(sources, load_rule(resource_dir("report_templates"), kind))
    verify_url = f"{public_url}/verify/{drafted.name(version, locale)}"
    drawn = pictures(store, verify_url, printable(drafted.sources, drafted.rule))
    paper = compose(
        drafted,
        version=version,
        locale=locale,
        verify_url=verify_url,
        qr_asset=drawn.qr_asset,
        prints=drawn.prints,
    )
    issued = drafted.sources.events[-1].issued
    assert issued is not None
    return Manuscript(
        kind=paper.kind,
        event_seq=paper.seal.event_seq,
        locale=locale,
        version=version,
        name=paper.document,
        number=paper.matter.number,
        document_number=paper.number,
        issuer_id=uuid.UUID(issued["issuer"]),
        personal=paper.personal,
        data=template_data(paper, locale),
        created_at=paper.issued_at,
        zone=paper.zone,
        assets=drawn.assets,
        record_name=RECORD_NAME,
        record_bytes=drafted.record_bytes,
        xmp={"documentNumber": paper.number},
    )
