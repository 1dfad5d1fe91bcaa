"""A hazard that comes back: a new one, linked to the closed one. That one's record has ended, so the link is told in the new one alone."""

from datetime import timedelta

from hazard_flow.errors import FieldError, Refused
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.changes import Report


def check_relapse(batch: Batch, change: Report) -> None:
    """A relapse names a hazard that was rectified, of the same enterprise, within the days policy allows. Raises Refused.

    What was merged by mistake and is opened anew names that one.
    """
    if change.reopen_of_id is None or change.actor.is_system:
        return
    origin = batch.linked.get(change.reopen_of_id)
    organisation = batch.organisations.get(change.organisation_id)
    if origin is None or organisation is None or origin.home_id != organisation.root_id:
        raise Refused(fields=[FieldError("reopen_of", "hazard_unknown")])
    if change.undoes_merge and origin.resolution == "merged":
        return  # merged by mistake and opened anew (`nearby.undo_merge`): no relapse, so no window
    if origin.closed_at is None or origin.resolution != "rectified":
        raise Refused(fields=[FieldError("reopen_of", "hazard_not_closed")])
    days = batch.limits(origin.division).relapse_window_days
    if batch.now - origin.closed_at > timedelta(days=days):
        raise Refused(fields=[FieldError("reopen_of", "relapse_too_late", {"days": days})])
