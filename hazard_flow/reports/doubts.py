"""What a closure file says of the originality of its evidence: every doubt with its reason, and photos used again with an explanation."""

from hazard_flow.i18n import Label
from hazard_flow.reports.closure import Doubted, Explained
from hazard_flow.reports.gather import Sources


def doubted(sources: Sources) -> tuple[Doubted, ...]:
    """The doubts, the weightiest first; in the order of the record where they weigh the same."""
    flags = sorted(
        sources.flags.all, key=lambda f: (-f.score, f.event_seq, f.doubt, f.subject, f.compared_with)
    )
    return tuple(
        Doubted(Label(zh=f.sentence("zh"), en=f.sentence("en")), f.score, f.event_seq, f.subject)
        for f in flags
    )


def explained(sources: Sources) -> tuple[Explained, ...]:
    """Whatever was handed in again, with the reason as it was given."""
    return tuple(
        Explained(
            reason=str(event.data["reused"]["reason"]),
            by=sources.name(event.person),
            at=event.at,
            event_seq=event.seq,
            files=tuple(event.data["reused"]["files"]),
        )
        for event in sources.events
        if event.data.get("reused")
    )
