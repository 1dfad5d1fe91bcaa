"""The closed vocabulary of event types. An event never carries a free string here."""

from enum import StrEnum


class EventTag(StrEnum):
    """What kind of thing happened to a hazard."""

    REPORTED = "hazard.reported"
    ACTED = "hazard.acted"
    LINKED = "hazard.linked"
    MIGRATED = "hazard.migrated"
    REMINDED = "timer.reminded"
    ESCALATED = "timer.escalated"
    TIMER_VOID = "timer.void"
    RECOUNTED = "timer.recounted"
