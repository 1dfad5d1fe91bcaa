"""The sealer this installation has now: none without a key, another one when the key file changes. Loads the signing library only then."""

import logging
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding

from hazard_flow.ledger.keys import KeyHolder, KeyRefused
from hazard_flow.reports.seal.sealer import Sealer
from hazard_flow.settings import Settings

log = logging.getLogger(__name__)


class SealKeeper:
    """Gives the sealer. A key that cannot be used is logged once for each reason, and never stops a closing or an issue."""

    def __init__(self, holder: KeyHolder, *, tsa_url: str = "") -> None:
        self._holder = holder
        self._tsa_url = tsa_url
        self._sealer: Sealer | None = None
        self._told = ""

    def sealer(self, now: datetime) -> Sealer | None:
        """The sealer of the key that can be used now; None where there is none."""
        try:
            key = self._holder.key(now)
        except KeyRefused as refused:
            if str(refused) != self._told:
                log.error(  # noqa: TRY400 - the sentence says all; a traceback tells nobody more
                    "closure files are issued unsealed: %s", refused
                )
            self._told, key = str(refused), None
        if key is None:
            self._sealer = None
        elif self._sealer is None or self._sealer.key_id != key.key_id:
            from hazard_flow.reports.seal.pades import (
                PadesSealer,
            )  # half a second that nobody without a key pays

            self._sealer, self._told = PadesSealer(key, tsa_url=self._tsa_url), ""
        return self._sealer

    def archive(self, pdf: bytes) -> bytes | None:
        """The archive copy of a file with a time stamp; None without a time-stamping service. Raises SealFailed."""
        if not self._tsa_url:
            return None
        from hazard_flow.reports.seal.archive import archive_copy  # as above

        return archive_copy(pdf, self._tsa_url)


def key_holder(settings: Settings) -> KeyHolder:
    """Where this installation's sealing key lies; without the setting, the place `seal init` writes to may be empty."""
    passphrase = settings.SIGNING_KEY_PASSPHRASE.get_secret_value()
    return KeyHolder(settings.signing_key, passphrase, is_required=bool(settings.SIGNING_KEY))


def own_certificates(settings: Settings, now: datetime) -> str:
    """The certificates of this installation's own seal in PEM; empty where there is no key to be used."""
    try:
        key = key_holder(settings).key(now)
    except KeyRefused:
        return ""
    if key is None:
        return ""
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in (key.certificate, *key.chain))
