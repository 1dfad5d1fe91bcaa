"""Asking a time-stamping service (RFC 3161) over HTTP: one request, a short patience, a clear failure."""

import urllib.error
import urllib.request
from http import HTTPStatus

from asn1crypto import tsp
from pyhanko.sign.timestamps.api import TimeStamper

SECONDS_MAX = 8.0
#: an answer holds a few certificates; whatever is longer is none
ANSWER_BYTES_MAX = 256 * 1024
TRIES = 2


class StampRefused(Exception):
    """The service gave no time stamp; the message says why."""


class HttpStamper(TimeStamper):
    """A time-stamping service at an address."""

    def __init__(self, url: str) -> None:
        super().__init__(include_nonce=True)  # type: ignore[no-untyped-call]
        self._url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The service's answer. Raises StampRefused."""
        asked = req.dump()
        for left in reversed(range(TRIES)):
            try:
                return tsp.TimeStampResp.load(self._post(asked))
            except (OSError, ValueError) as error:
                if isinstance(error, urllib.error.HTTPError):
                    error.close()  # it holds the connection
                if not left:
                    raise StampRefused(f"{self._url}: {error}") from error
        raise AssertionError

    def _post(self, asked: bytes) -> bytes:
        # The address is a setting, http or https by its own check; the client adds nothing of ours but the digest.
        request = urllib.request.Request(  # noqa: S310
            self._url, asked, {"Content-Type": "application/timestamp-query"}
        )
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:  # noqa: S310
            if answer.status != HTTPStatus.OK:
                raise ValueError(f"answered {answer.status}")
            if answer.headers.get_content_type() != "application/timestamp-reply":
                raise ValueError("the answer is no time stamp")
            data: bytes = answer.read(ANSWER_BYTES_MAX)
        return data
