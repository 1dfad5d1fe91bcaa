"""mosquitto with the configuration we ship, laid out as Debian lays it out, in a folder of its own."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hazard_flow.resources import PACKAGE
from hazard_flow.simulation.process import free_port
from hazard_flow.simulation.servers import Mosquitto, find_program

SHIPPED = PACKAGE / "telemetry" / "broker"
OUR_PASSWORD = "we+are/us"
DEVICE_PASSWORD = "a detector's"


class ShippedBroker(Mosquitto):
    """Its `port` is the devices', `our_port` ours; `devices` have passwords."""

    def __init__(self, folder: Path | None = None, *, devices: tuple[str, ...] = ("G-101", "G-102")) -> None:
        super().__init__(folder)
        self.our_port = free_port()
        self.devices = devices

    @property
    def url(self) -> str:
        """Ours."""
        return f"mqtts://hazard-flow:we%2Bare%2Fus@localhost:{self.our_port}"

    @property
    def ca(self) -> Path:
        """Who signed its certificate: itself."""
        return self.folder / "certs" / "broker.pem"

    def prepare(self) -> None:
        """Copy what is shipped; only the folder and the ports differ."""
        (self.folder / "conf.d").mkdir(exist_ok=True)
        for name in ("hazard-flow.acl", "hazard-flow-devices.acl"):
            shutil.copy(SHIPPED / name, self.folder)
        text = (SHIPPED / "hazard-flow.conf").read_text("utf-8").replace("/etc/mosquitto/", f"{self.folder}/")
        text = text.replace("listener 8883", f"listener {self.port}").replace(
            "listener 8884", f"listener {self.our_port}"
        )
        (self.folder / "conf.d" / "hazard-flow.conf").write_text(text, "utf-8")
        # As Debian's own file: user, place of the store, and the folder of further files.
        user = pwd.getpwuid(os.geteuid()).pw_name
        (self.folder / "mosquitto.conf").write_text(
            f"user {user}\npersistence true\npersistence_location {self.folder}/\ninclude_dir {self.folder}/conf.d\n"
        )
        if not self.ca.exists():
            _certificate(self.folder / "certs")
            self._passwords("hazard-flow.passwords", {"hazard-flow": OUR_PASSWORD})
            self._passwords("hazard-flow-devices.passwords", dict.fromkeys(self.devices, DEVICE_PASSWORD))

    def publish(self, device: str, topic: str, body: str, **given: Any) -> subprocess.CompletedProcess[str]:
        """What a device says, by mosquitto's own client: whether it was let in."""
        port, password = given.get("port", self.port), given.get("password", DEVICE_PASSWORD)
        name, version = given.get("client_id", device), given.get("version", "mqttv311")
        secure = ["--cafile", str(self.ca)] if given.get("tls", True) else []
        command = [
            find_program("mosquitto_pub") or "mosquitto_pub",
            *("-h", "localhost", "-p", str(port), "-u", device, "-P", password, "-i", name, "-V", version),
            *("-q", "1", "-t", topic, "-m", body),
            *secure,
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    def _passwords(self, file: str, given: dict[str, str]) -> None:
        path = self.folder / file
        path.write_text("".join(f"{name}:{word}\n" for name, word in given.items()), "utf-8")
        path.chmod(0o600)
        subprocess.run([find_program("mosquitto_passwd") or "mosquitto_passwd", "-U", str(path)], check=True)


def _certificate(folder: Path) -> None:
    folder.mkdir()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-keyout", "broker.key", "-out", "broker.pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )  # fmt: skip
