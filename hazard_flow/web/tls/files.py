"""Which certificate this server shows: one of the settings, else the one made by `tls init`."""

from dataclasses import dataclass
from pathlib import Path

from hazard_flow.settings import Settings

FOLDER = "tls"
CA_CERTIFICATE, CA_KEY, CERTIFICATE, KEY = "ca.crt", "ca.key", "server.crt", "server.key"


@dataclass(frozen=True)
class TlsFiles:
    """Paths of the certificate (with its chain) and its key; `authority` where it is our own."""

    certificate: Path
    key: Path
    authority: Path | None

    @property
    def are_there(self) -> bool:
        """Whether both files exist."""
        return self.certificate.is_file() and self.key.is_file()


def own_folder(settings: Settings) -> Path:
    """Where `tls init` writes."""
    return settings.DATA_DIR.resolve() / FOLDER


def files_of(settings: Settings) -> TlsFiles:
    """The files of this installation, whether they exist or not."""
    if settings.TLS_CERTIFICATE:
        return TlsFiles(Path(settings.TLS_CERTIFICATE), Path(settings.TLS_KEY), None)
    folder = own_folder(settings)
    authority = folder / CA_CERTIFICATE
    return TlsFiles(folder / CERTIFICATE, folder / KEY, authority if authority.is_file() else None)
