"""From stored messages to signals: each by the parser of its kind, with the settings of its source beside it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hazard_flow.telemetry.inbox import Message
from hazard_flow.telemetry.models import Source
from hazard_flow.telemetry.rules import Rules
from hazard_flow.telemetry.senders.sessions import Sessions
from hazard_flow.telemetry.signals import Parsed, Problem, Raw
from hazard_flow.telemetry.sources import parsers
from hazard_flow.telemetry.sources.sparkplug import KIND as SPARKPLUG


@dataclass
class Parsing:
    """Reads the messages of one batch in their order; `keep` at its end, in the same transaction."""

    session: Session
    sources: Mapping[uuid.UUID, Source]
    rules: Rules
    _sessions: Sessions = field(init=False)
    _known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._sessions = Sessions(self.session)
        self._known = frozenset(self.rules.quantities)

    def parse(self, message: Message) -> Parsed:
        """What a message says; a parser's own mistake is a problem of that message and must not stop the others."""
        raw = Raw(
            message.kind,
            message.body,
            message.received_at,
            message.headers,
            settings=self.sources[message.source_id].settings,
            known=self._known,
        )
        try:
            if message.kind == SPARKPLUG:
                return self._sessions.parse(message.source_id, raw)
            parser = parsers().get(message.kind)
            return parser(raw) if parser else Parsed(problems=(Problem("unknown_kind", message.kind),))
        except DBAPIError:
            raise  # the database failed, not the message
        except Exception as error:
            return Parsed(problems=(Problem("parser_failed", repr(error)[:300]),))

    def keep(self) -> None:
        """Write what later messages will need."""
        self._sessions.keep()
