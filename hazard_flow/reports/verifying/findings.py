"""What a verification found: one line a check, in both languages, and the sum of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hazard_flow.i18n import Label, both


@dataclass(frozen=True)
class Finding:
    """One check: fine, wrong, or None where it could not be judged. The sentence is `verifying.<code>` with the parameters."""

    #: which part of the file: seal, time, trust, record, chain, proof, manifest, pages, evidence
    check: str
    code: str
    ok: bool | None
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> Label:
        """The sentence."""
        return both(f"verifying.{self.code}", **self.params)

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the JSON."""
        said = self.said
        return {"check": self.check, "code": self.code, "ok": self.ok, "zh": said.zh, "en": said.en}


def fine(check: str, code: str, **params: Any) -> Finding:
    """A check that holds."""
    return Finding(check, code, True, params)


def wrong(check: str, code: str, **params: Any) -> Finding:
    """A check that does not hold."""
    return Finding(check, code, False, params)


def unjudged(check: str, code: str, **params: Any) -> Finding:
    """A check that nobody could make with what was given."""
    return Finding(check, code, None, params)


class Unreadable(Exception):
    """The bytes are no PDF that could be judged; the message says why."""


@dataclass(frozen=True)
class Report:
    """All findings on one file."""

    findings: tuple[Finding, ...]
    #: PAdES level found; None where unsealed
    level: str | None = None
    signer: str | None = None
    #: hex SHA-256 of the sealing certificate
    fingerprint: str | None = None
    #: None where no certificate to trust was given
    trusted: bool | None = None
    #: by the sealing body's own clock, and by the time-stamping service's
    sealed_at: datetime | None = None
    stamped_at: datetime | None = None
    number: str | None = None
    document: str | None = None

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong. What could not be judged is not counted; it is told."""
        return all(finding.ok is not False for finding in self.findings)

    @property
    def wrongs(self) -> Sequence[Finding]:
        """The checks that do not hold."""
        return [finding for finding in self.findings if finding.ok is False]

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `hazard-flow verify --json`."""
        return {
            "intact": self.is_intact,
            "sealed": self.level is not None,
            "level": self.level,
            "trusted": self.trusted,
            "signer": self.signer,
            "fingerprint": self.fingerprint,
            "sealed_at": self.sealed_at.isoformat() if self.sealed_at else None,
            "stamped_at": self.stamped_at.isoformat() if self.stamped_at else None,
            "number": self.number,
            "document": self.document,
            "findings": [finding.as_dict() for finding in self.findings],
        }
