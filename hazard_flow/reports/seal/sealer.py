"""What a sealer is: given a laid-out PDF and the place of its seal, it gives the sealed bytes. National algorithms come as another one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from hazard_flow.reports.worker import SealPlace


class Level(StrEnum):
    """PAdES baseline levels we make: a seal, with the time a third party vouches for, and with the proof kept for archives."""

    B = "B-B"
    T = "B-T"
    LTA = "B-LTA"


@dataclass(frozen=True)
class Signer:
    """Who seals, as the file prints it and a stranger compares it."""

    organisation: str
    #: the certificate's common name
    name: str
    #: who issued the certificate
    issuer: str
    #: hex SHA-256 of the certificate
    fingerprint: str


@dataclass(frozen=True)
class Sealed:
    """A sealed PDF. `problem` says why it is less than was asked for: the time-stamping service did not answer."""

    pdf: bytes
    level: Level
    problem: str = ""


class SealFailed(Exception):
    """No seal could be made; the message says why. The file is issued unsealed and sealed later."""


class Sealer(Protocol):
    """Makes seals of one kind with one key."""

    #: what it signs with, kept with every file
    alg: str
    key_id: str
    signer: Signer
    #: the level it makes while everything answers
    level: Level

    def seal(self, pdf: bytes, place: SealPlace, *, number: str, at: datetime) -> Sealed:
        """Seal the whole PDF. Raises SealFailed."""
        ...
