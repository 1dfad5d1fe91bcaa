"""The manuscript of a closure file."""

from hazard_flow.errors import HazardFlowError
from hazard_flow.evidence.store import Store
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.compose import RECORD_NAME, compose, document_name, printable, record_of
from hazard_flow.reports.gather import Sources
from hazard_flow.reports.manuscript import Manuscript, pictures
from hazard_flow.reports.queries import CLOSURE
from hazard_flow.reports.seal.sealer import Signer


class NotCovered(HazardFlowError):
    """The ledger has not yet signed for the event that closes the hazard: its file waits."""


def manuscript(
    sources: Sources, store: Store, *, version: int, public_url: str, signer: Signer | None = None
) -> Manuscript:
    """The one file, in both languages, as `signer` will seal it.

    Touches the store to read pictures, and no database. Raises NotCovered while no checkpoint of the ledger covers the last event, and
    BrokenChain.
    """
    if sources.proof is None:
        raise NotCovered(f"{sources.hazard.number}: event {sources.events[-1].seq}")
    record_bytes = record_of(sources)
    verify_url = f"{public_url}/verify/{document_name(record_bytes, version)}"
    drawn = pictures(store, verify_url, printable(sources))
    data = compose(
        sources,
        record_bytes=record_bytes,
        version=version,
        verify_url=verify_url,
        qr_asset=drawn.qr_asset,
        prints=drawn.prints,
        signer=signer,
    )
    return Manuscript(
        kind=CLOSURE,
        event_seq=sources.events[-1].seq,
        locale="zh",
        version=version,
        name=data.document,
        number=data.number,
        data=template_data(data),
        created_at=data.closed_at,
        zone=data.zone,
        assets=drawn.assets,
        record_name=RECORD_NAME,
        record_bytes=record_bytes,
    )
