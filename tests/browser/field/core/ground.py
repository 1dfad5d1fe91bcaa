"""The installation of these tests: a real server process, and the line to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.place import Place, on_sqlite
from tests.chaos.programs import Web
from tests.harness.fault_proxy import FaultProxy, fault_proxy

#: inspectors of two teams of one enterprise
LI, ZHENG = "li", "zheng"


@dataclass
class Ground:
    """The installation, its server process, and the line to it."""

    place: Place
    web: Web
    line: FaultProxy

    def make_honest(self) -> None:
        """Nothing is mistreated any more, and the server is up."""
        self.line.rule = self.line.notice = None
        self.line.is_down = False
        self.line.passed.clear()
        if not self.web.running:
            self.web.start()


#: runs the server with the app's files taken from another folder, which a test may change as a release does
_FROM_FOLDER = """
import pathlib
from hazard_flow.__main__ import main
from hazard_flow.offline.shell import assets
assets.STATIC = pathlib.Path({folder!r})
assets.WORKER = assets.STATIC / "sw.js"
main()
"""


@contextmanager
def standing_ground(folder: Path, *, static: Path | None = None) -> Iterator[Ground]:
    """One installation until the block ends; hazards are told apart by what tests call them."""
    with on_sqlite(folder) as place:
        web = place.web("serve", launch=["-c", _FROM_FOLDER.format(folder=str(static))] if static else None)
        with fault_proxy(web.port) as line:
            yield Ground(place, web, line)
