"""What the machine says of a point: a result, the reason in both languages, and the events it rests on.

No reason names a person: reasons enter hashed events, and names must stay erasable. The events it points to say who.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.i18n import LOCALES, Label, text

#: the worst comes first; of several findings on one point the worst counts
ORDER = ("fail", "open", "remark", "pass", "na")


@dataclass(frozen=True)
class Finding:
    """The machine's result on one point."""

    point: str
    #: one of `rules.RESULTS`
    result: str
    reason: Label
    #: sequence numbers of the events to look at
    seqs: tuple[int, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As it is stored and hashed."""
        return {
            "point": self.point,
            "result": self.result,
            "zh": self.reason.zh,
            "en": self.reason.en,
            "seqs": list(self.seqs),
        }

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Finding":
        """The same back from what was stored."""
        reason = Label(zh=stored["zh"], en=stored["en"])
        return cls(stored["point"], stored["result"], reason, tuple(stored["seqs"]))


@dataclass(frozen=True)
class Remark:
    """One thing noticed, before a point is made of it."""

    result: str
    reason: Label
    seqs: tuple[int, ...] = ()


def said(result: str, key: str, *seqs: int | None, **params: Any) -> Remark:
    """A result with the sentence `audits.why.<key>`; labels among the values are said in each language."""
    reason = Label(
        *(
            text(
                f"audits.why.{key}",
                locale,
                **{n: v.in_(locale) if isinstance(v, Label) else v for n, v in params.items()},
            )
            for locale in LOCALES
        )
    )
    return Remark(result, reason, tuple(seq for seq in seqs if seq is not None))


def worst(point: str, found: Sequence[Remark]) -> Finding:
    """One finding out of what was noticed: the worst result; its reasons, and those next to it in gravity, in order."""
    ordered = sorted(found, key=lambda one: ORDER.index(one.result))
    result = ordered[0].result
    # what is in order says nothing beside what is not
    told = [one for one in ordered if one.result == result or one.result in ("fail", "open", "remark")]
    seqs = tuple(sorted({seq for one in told for seq in one.seqs}))
    reason = Label(zh="；".join(one.reason.zh for one in told), en="; ".join(one.reason.en for one in told))
    return Finding(point, result, reason, seqs)


def clock(at: datetime, zone: ZoneInfo) -> str:
    """`2026-11-22 14:05`, the zone's time."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def days_text(seconds: float) -> Label:
    """A distance of time as people say it: minutes, hours, or days."""
    minutes = int(seconds // 60)
    if minutes < 120:
        return Label(zh=f"{minutes} 分钟", en=f"{minutes} min")
    if minutes < 48 * 60:
        return Label(zh=f"{minutes // 60} 小时", en=f"{minutes // 60} h")
    return Label(zh=f"{minutes // 1440} 天", en=f"{minutes // 1440} days")
