"""E-mail by SMTP: `smtp://[user:password@]host[:port]?from=address[&tls=…]`, or `smtps://…` for TLS from the first byte."""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from hazard_flow.errors import OutsideWorld
from hazard_flow.i18n import text
from hazard_flow.notifications.channels import BrokenOff, ChannelDown, Delivery, Notice, Recipient
from hazard_flow.settings import Settings

ALLOWED = "smtp://[user:password@]host[:port]?from=address[&tls=auto|always|never][&ca=FILE] or smtps://…"
TIMEOUT_SECONDS = 15.0
#: RFC 5321 4.5.3.1: local part 64, path 256 octets
ADDRESS_LENGTH_MAX = 254
_ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]\x00-\x20\x7f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: a full mailbox is a matter of time, although it answers 5xx (RFC 5321 4.5.3.1.10); 452 is the same, said for now
_MAILBOX_FULL = (452, 552)
#: no such mailbox, not here, not allowed as a name (RFC 5321 4.2.3)
_NO_MAILBOX = (550, 551, 553)


class BadAddress(OutsideWorld):
    """The address cannot be an e-mail address, or smuggles another header in."""

    code = "bad_address"


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over, and under which name."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    #: `auto`: encrypted where the server offers it · `always` · `never`; passwords never travel in clear beyond this machine
    tls: str = "auto"
    #: TLS from the first byte
    is_wrapped: bool = False
    #: PEM file of a private authority; the system's authorities when empty
    ca: str = ""


def parse(url: str) -> SmtpServer:
    """The server an SMTP_URL names; ValueError with the allowed form where it names none."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    sender = options.get("from", "")
    wrapped = parts.scheme == "smtps"
    tls = options.get("tls", "auto")
    unknown = set(options) - {"from", "tls", "ca"}
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(ALLOWED) from error
    if (
        parts.scheme not in ("smtp", "smtps")
        or not parts.hostname
        or tls not in ("auto", "always", "never")
        or unknown
    ):
        raise ValueError(ALLOWED)
    if not is_address(sender):
        raise ValueError(f"{ALLOWED}: from must be an e-mail address")
    return SmtpServer(
        host=parts.hostname,
        port=port or (465 if wrapped else 25),
        sender=sender,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        is_wrapped=wrapped,
        ca=options.get("ca", ""),
    )


def is_address(value: str) -> bool:
    """Whether mail can be sent there: one plain address, no display name, no line break, no list."""
    return len(value) <= ADDRESS_LENGTH_MAX and _ADDRESS.fullmatch(value) is not None and ".." not in value


def make(settings: Settings) -> "Email | None":
    """The channel, or None where no mail server is set."""
    return Email(parse(settings.SMTP_URL)) if settings.SMTP_URL else None


class Email:
    """Hands messages to one mail server, a batch over one connection."""

    name = "email"
    carries = ("message", "email")

    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    def reaches(self, recipient: Recipient) -> bool:
        """Whether the person has an address."""
        return bool(recipient.email)

    def send(self, notices: Sequence[Notice]) -> Iterator[Delivery]:
        """Each message is the server's once it is yielded without an error.

        Refused for good (5xx for this person or this message) is permanent; a server that cannot be reached, does not let us in or does
        not take our sender address concerns everybody and mends itself or is mended: `ChannelDown`, to be tried again.
        """
        if not notices:
            return
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelDown(_told(error)) from error
        try:
            for notice in notices:
                yield self._send_one(connection, notice)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()

    def _send_one(self, connection: smtplib.SMTP, notice: Notice) -> Delivery:
        try:
            message = compose(notice, self.server.sender)
            connection.send_message(
                message, from_addr=self.server.sender, to_addrs=[str(notice.recipient.email)]
            )
        except OutsideWorld as error:
            return Delivery(notice, error)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, _), *_] = error.recipients.values()
            return Delivery(notice, _refusal(error, code))
        except smtplib.SMTPDataError as error:
            return Delivery(notice, _refusal(error, error.smtp_code))
        except smtplib.SMTPNotSupportedError as error:
            return Delivery(notice, OutsideWorld(_told(error), permanent=True, reason="bad_address"))
        except (OSError, smtplib.SMTPException) as error:
            raise BrokenOff(_told(error)) from error
        return Delivery(notice)

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        context = ssl.create_default_context(cafile=server.ca or None)
        connection: smtplib.SMTP
        if server.is_wrapped:
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.ehlo_or_helo_if_needed()
            encrypted = server.is_wrapped
            if (
                not encrypted
                and server.tls != "never"
                and (server.tls == "always" or connection.has_extn("starttls"))
            ):
                connection.starttls(context=context)
                encrypted = True
            if server.user:
                if not encrypted and server.host not in _LOOPBACK:
                    raise smtplib.SMTPException("the password was not sent: the connection is not encrypted")
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def compose(notice: Notice, sender: str) -> EmailMessage:
    """The message, the same bytes on every attempt but for line folding; raises `BadAddress` for an address that is none."""
    to = str(notice.recipient.email)
    if not is_address(to):
        raise BadAddress("not an e-mail address", permanent=True)
    locale, wording = notice.recipient.locale, notice.wording
    message = EmailMessage(policy=SMTP)
    message["Subject"] = wording.subject
    message["From"] = sender
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(notice.created_at)
    message["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "zh-CN" if locale == "zh" else "en"
    link = (text("notice.line.link", locale, link=notice.link),) if notice.link else ()
    paragraphs = (
        text("notice.greeting", locale, person=notice.recipient.name),
        "\n".join((wording.body, *wording.lines, *link)),
        text("notice.signature", locale),
    )
    message.set_content("\n\n".join(paragraphs) + "\n", charset="utf-8", cte="base64")
    return message


def _refusal(error: Exception, code: int) -> OutsideWorld:
    """What an SMTP reply means: 5xx is for good (but for a full mailbox), 4xx for now (RFC 5321 4.2.1)."""
    if code in _MAILBOX_FULL:
        return OutsideWorld(_told(error), reason="mailbox_full")
    if 500 <= code < 600:
        reason = "no_mailbox" if code in _NO_MAILBOX else "refused"
        return OutsideWorld(_told(error), permanent=True, reason=reason)
    return OutsideWorld(_told(error), reason="refused_for_now")


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
