"""The sign of life to the outside: a GET to a dead man's switch every minute, only while nothing goes unseen.

A watchdog inside the house dies with the house. Whoever keeps the switch (an outside monitor, the city's operations centre) raises the
alarm when the beats stop: because a check of `/watchz` fails, the worker stands still, the machine or the line is down. The request carries
nothing: no body, no parameters beyond the configured address, no name of this installation.
"""

import http.client
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from hazard_flow.errors import OutsideWorld

log = structlog.get_logger(__name__)

BEAT_EVERY_SECONDS = 60.0
TIMEOUT_SECONDS = 10.0
#: name of the job and of its counts
JOB = "heartbeat"


class NotHeard(OutsideWorld):
    """The switch did not take the beat."""

    code = "heartbeat_not_heard"


@dataclass(frozen=True)
class Told:
    """What one run did: `sent`, or `withheld` because something goes unseen."""

    outcome: str

    def tally(self) -> Counter[str]:
        """The number for the worker's pulse."""
        return Counter({f"{JOB}.{self.outcome}": 1})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A switch that sends us elsewhere has not taken the beat; following would carry its secret address on."""

    def redirect_request(self, *_given: object, **_named: object) -> None:
        return None


class Heartbeat:
    """Sends one beat a run while `failing` names nothing."""

    def __init__(self, url: str, failing: Callable[[], list[str]]) -> None:
        self._url = url
        self._failing = failing
        self._opener = urllib.request.build_opener(_NoRedirect)

    def __call__(self) -> Told:
        """Beat, or keep silent on purpose. Raises `NotHeard` when the switch did not answer with 2xx."""
        names = self._failing()
        if names:
            # Silence is the alarm: the switch tells people, who find the reasons on /status.
            log.warning("heartbeat.withheld", failing=names)
            return Told("withheld")
        request = urllib.request.Request(self._url, headers={"User-Agent": "hazard-flow"})  # noqa: S310 - http(s) only, checked with the settings
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            # never the address: whoever knows it could keep the switch quiet
            raise NotHeard(type(error).__name__) from None
        if not 200 <= status < 300:
            raise NotHeard(f"status {status}")
        return Told("sent")
