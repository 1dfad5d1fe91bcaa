"""The files the field app consists of, and its version: one table, from which page, worker and cache are all made."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hazard_flow.i18n import LOCALES, Label, catalogue
from hazard_flow.resources import PACKAGE

HERE = Path(__file__).parent
STATIC = HERE / "static"
STATIC_URL = "/field/static"
WORKER = STATIC / "sw.js"
#: What the app shares with the desk, by its place under web/static/. The decoder and the signature pad are loaded when they are needed.
SHARED = (
    "vendor/idb.js",
    "vendor/exifr.js",
    "vendor/icons.svg",
    "vendor/jsqr.js",
    "vendor/signature_pad.js",
    "hf.css",
    "parts.css",
    "pages.css",
    "mark.svg",
)
SHARED_FOLDER = PACKAGE / "web" / "static"
#: Sentences of the app; the others stay on the server.
WORDS_PREFIX = "field."
VERSION_CHARS = 12
NAME = Label(zh="隐患闭环 · 现场", en="Hazard Flow · Field")
SHORT_NAME = Label(zh="现场", en="Field")
DESCRIPTION = Label(
    zh="燃气安全隐患现场上报与处置，无网络也能用",
    en="Report and act on gas hazards on site, with or without a network",
)
ICONS_PX = (192, 512)


@dataclass(frozen=True)
class ShellFile:
    """One file of the app: its address and the SHA-256 of its bytes."""

    url: str
    digest: bytes

    @property
    def integrity(self) -> str:
        """As a browser checks it while fetching."""
        return f"sha256-{base64.b64encode(self.digest).decode()}"


def shell_files(page: bytes) -> tuple[ShellFile, ...]:
    """Everything the app needs to open with no network, given its page; the version's own module last."""
    made = {"/field": page, **{words_url(locale): words(locale) for locale in LOCALES}}
    files = [_file(url, body) for url, body in {**made, **_from_disk()}.items()]
    files.sort(key=lambda file: file.url)
    return (*files, _file("/field/version.js", version_module(version_of(files))))


def version_of(files: Iterable[ShellFile]) -> str:
    """The version of an app of these files: changes with any byte of any of them."""
    table = hashlib.sha256()
    for file in files:
        table.update(f"{file.url} {file.digest.hex()}\n".encode())
    return table.hexdigest()[:VERSION_CHARS]


def version(page: bytes) -> str:
    """The version the server offers now."""
    return version_of(shell_files(page)[:-1])


def version_module(of: str) -> bytes:
    """The module by which scripts learn which version they belong to."""
    return f"export const VERSION = {json.dumps(of)};\n".encode()


def worker(page: bytes, *, sends: bool) -> bytes:
    """The worker's script: the table, then its text. `sends` imports the sender, which only browsers with module workers can."""
    files = shell_files(page)
    table = [{"url": file.url, "integrity": file.integrity} for file in files]
    lines = [
        f'import {{ flush as send }} from "{STATIC_URL}/core/flush.js";'
        if sends
        else 'const send = async () => ({ outcome: "done" });',
        f"const VERSION = {json.dumps(version_of(files[:-1]))};",
        f"const SHELL = {json.dumps(table)};",
    ]
    return "\n".join(lines).encode() + b"\n" + WORKER.read_bytes()


def words(locale: str) -> bytes:
    """The app's sentences in one language, as JSON by key."""
    known = {
        key: label.in_(locale) for key, label in sorted(catalogue().items()) if key.startswith(WORDS_PREFIX)
    }
    return json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode()


def words_url(locale: str) -> str:
    """Where they are."""
    return f"/field/words/{locale}.json"


def web_manifest(locale: str) -> Mapping[str, object]:
    """What a tablet shows of the app when it is put on its home screen."""
    return {
        "id": "/field",
        "name": NAME.in_(locale),
        "short_name": SHORT_NAME.in_(locale),
        "description": DESCRIPTION.in_(locale),
        "lang": "zh-CN" if locale == "zh" else "en",
        "start_url": "/field",
        "scope": "/field",
        "display": "standalone",
        "orientation": "any",
        "background_color": "#f3f5f2",
        "theme_color": "#10302d",
        "icons": [
            {
                "src": f"{STATIC_URL}/icons/{px}.png",
                "sizes": f"{px}x{px}",
                "type": "image/png",
                "purpose": purpose,
            }
            for px in ICONS_PX
            for purpose in ("any", "maskable")
        ],
    }


def _from_disk() -> Mapping[str, bytes]:
    own = {
        f"{STATIC_URL}/{path.relative_to(STATIC).as_posix()}": path.read_bytes()
        for path in STATIC.rglob("*")
        if path.is_file() and path != WORKER
    }
    return own | {f"/static/{name}": (SHARED_FOLDER / name).read_bytes() for name in SHARED}


def _file(url: str, body: bytes) -> ShellFile:
    return ShellFile(url, hashlib.sha256(body).digest())
