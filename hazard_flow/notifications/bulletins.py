"""Checkpoints of the ledger by mail: to a regulator's mailbox, where nobody who has our database can take them back."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from hazard_flow.i18n import text
from hazard_flow.ledger.outlets import NotTaken
from hazard_flow.ledger.statements import Statement
from hazard_flow.notifications.channels import Notice, Recipient
from hazard_flow.notifications.channels.email import Email
from hazard_flow.notifications.wording import Wording

#: a mailbox is no log: once a day is enough, each covers all before
EVERY = timedelta(days=1)
_NAMESPACE = uuid.UUID("6f1d2b0e-7a34-5c86-9a43-2d7c1e6b8f50")


@dataclass(frozen=True)
class MailOutlet:
    """One mailbox."""

    address: str
    #: None where no mail server is set: then every attempt fails in sight
    channel: Email | None
    every: timedelta = EVERY

    @property
    def name(self) -> str:
        """The address."""
        return f"mailto:{self.address}"

    def send(self, statement: Statement) -> bytes | None:
        """Mail it, in both languages. Raises what the channel raises, and NotTaken without one."""
        if self.channel is None:
            raise NotTaken("SMTP_URL is not set")
        for delivery in self.channel.send([self._notice(statement)]):
            if delivery.error is not None:
                raise delivery.error
        return None

    def _notice(self, statement: Statement) -> Notice:
        line = statement.line()
        subject = f"{text('ledger.mail.subject', 'zh', size=statement.size)} {text('ledger.mail.subject', 'en', size=statement.size)}"
        body = f"{text('ledger.mail.body', 'zh')}\n{text('ledger.mail.body', 'en')}"
        recipient = Recipient(uuid.UUID(int=0), self.address, "zh", active=True, email=self.address)
        # the same checkpoint sent again is recognised as the same message
        return Notice(
            id=uuid.uuid5(_NAMESPACE, line + self.address),
            recipient=recipient,
            wording=Wording(subject=subject, body=body, lines=(line,)),
            created_at=statement.at,
        )
