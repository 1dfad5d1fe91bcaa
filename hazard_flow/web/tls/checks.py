"""What must not go unseen: the day the certificate ends, no tablet sends anything any more."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.i18n import Label, both
from hazard_flow.settings import Settings
from hazard_flow.web.checks import Check
from hazard_flow.web.tls import authority
from hazard_flow.web.tls.files import files_of

#: a start renews what ends within a month; whoever has not restarted by now is told
TOLD_BEFORE = timedelta(days=14)


def certificate_ends(settings: Settings) -> Check:
    """Whether the certificate this server shows ends soon, or cannot be read."""
    path = files_of(settings).certificate

    def check(_session: Session, now: datetime) -> Label | None:
        try:
            ends_at = authority.look(path).ends_at
        except (authority.AuthorityRefused, OSError) as error:
            return both("watch.certificate_ends.unreadable", detail=str(error))
        if ends_at - now > TOLD_BEFORE:
            return None
        return both("watch.certificate_ends.found", day=f"{ends_at.astimezone(settings.zone):%Y-%m-%d}")

    return check
