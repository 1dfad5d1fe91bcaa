"""The outlets a deployment publishes its ledger's checkpoints to, as the settings name them."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from hazard_flow.ledger.outlets import FileOutlet, WebOutlet
from hazard_flow.ledger.publishing import Outlet
from hazard_flow.ledger.stamping import StampOutlet
from hazard_flow.notifications.bulletins import MailOutlet
from hazard_flow.notifications.channels import email
from hazard_flow.settings import Settings

#: under DATA_DIR: always written, so that there is at least something to copy elsewhere
FILE = Path("ledger") / "checkpoints.jsonl"


def outlets_of(settings: Settings) -> tuple[Outlet, ...]:
    """The file under DATA_DIR, what LEDGER_URLS names, and the time-stamping service of TSA_URL."""
    named = [one.strip() for one in settings.LEDGER_URLS.split(",") if one.strip()]
    stamp = (StampOutlet(settings.TSA_URL),) if settings.TSA_URL else ()
    return (FileOutlet(settings.DATA_DIR / FILE), *(_outlet(url, settings) for url in named), *stamp)


def _outlet(url: str, settings: Settings) -> Outlet:
    if url.startswith("file://"):
        return FileOutlet(Path(unquote(urlsplit(url).path)))
    if url.startswith("mailto:"):
        return MailOutlet(url.removeprefix("mailto:"), email.make(settings))
    return WebOutlet(url)
