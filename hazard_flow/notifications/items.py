"""Lines of the inbox as the templates draw them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hazard_flow.hazards.rules import Rules
from hazard_flow.notifications.models import Message
from hazard_flow.notifications.relevance import ABOUT_HAZARDS
from hazard_flow.notifications.wording import INBOX, page_of, word
from hazard_flow.web.views import InboxItem


def item(message: Message, locale: str, *, rules: Rules | None, zone: ZoneInfo, now: datetime) -> InboxItem:
    """One line; the instant to acknowledge by is drawn by the template, so it is left out of the text."""
    params = {key: value for key, value in message.params.items() if key != "acknowledge_by"}
    wording = word(message.template, params, locale, rules=rules, zone=zone, now=now)
    waits = message.acknowledge_by is not None and message.acknowledged_at is None
    return InboxItem(
        id=str(message.id),
        at=message.created_at,
        title=wording.subject,
        body=" ".join(wording.lines),
        href=_href(message),
        colour=message.colour,
        is_read=message.read_at is not None,
        acknowledge_by=message.acknowledge_by,
        acknowledged_at=message.acknowledged_at,
        is_late=waits and message.acknowledge_by is not None and message.acknowledge_by < now,
    )


def _href(message: Message) -> str | None:
    if message.subject_kind in ABOUT_HAZARDS and message.number:
        return f"/hazards/{message.number}"
    page = page_of(message.template, message.params)
    return page if page and page != INBOX else None
