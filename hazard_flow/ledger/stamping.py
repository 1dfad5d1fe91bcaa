"""RFC 3161: a time-stamping service states that a checkpoint existed at an instant. The one importer of rfc3161-client."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import rfc3161_client as tsp

from hazard_flow.ledger.outlets import NotTaken, post, shown
from hazard_flow.ledger.statements import Statement

CONTENT_TYPE = "application/timestamp-query"
_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True)
class StampOutlet:
    """A time-stamping service; its answer is kept with the publication."""

    url: str
    every: timedelta = timedelta()

    @property
    def name(self) -> str:
        """Its address, marked as a service."""
        return f"tsa:{shown(self.url)}"

    def send(self, statement: Statement) -> bytes | None:
        """The token over the checkpoint's line. Raises NotTaken where the answer is refused or not about this checkpoint."""
        request = (
            tsp.TimestampRequestBuilder()
            .data(statement.line().encode())
            .hash_algorithm(tsp.HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
        )
        answer = post(self.url, request.as_bytes(), content_type=CONTENT_TYPE)
        try:
            told = tsp.decode_timestamp_response(answer)
            fits = told.tst_info.nonce == request.nonce and is_about(answer, statement)
        except ValueError as error:
            raise NotTaken(f"no time-stamp: {error}") from error
        if not fits:
            raise NotTaken("the time-stamp is about something else")
        return answer


def is_about(answer: bytes, statement: Statement) -> bool:
    """Whether a kept answer stamps exactly this checkpoint. Whose stamp it is, is for those to judge who trust the service."""
    try:
        imprint = tsp.decode_timestamp_response(answer).tst_info.message_imprint
    except ValueError:
        return False
    return (
        imprint.hash_algorithm.dotted_string == _SHA256
        and imprint.message == sha256(statement.line().encode()).digest()
    )
