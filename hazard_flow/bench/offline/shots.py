"""What the scripted tablets captured: frozen manifests and photos unlike each other, the same in every run."""

import hashlib
import io
import json
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import Image

from hazard_flow.storage.base import new_id

#: grains of each photo, and its sides; together they make files of about 30 kB
_GRAINS, _SIDES, _COPY_SIDES = (64, 48), (640, 480), (320, 240)


@dataclass(frozen=True)
class Photo:
    """The camera's file and the tablet's copy for the eye."""

    original: bytes
    display: bytes


@dataclass(frozen=True)
class Paper:
    """One report, frozen."""

    id: uuid.UUID
    body: bytes
    photos: Sequence[Photo]

    @property
    def files(self) -> list[bytes]:
        """Copies for the eye first."""
        return [*(p.display for p in self.photos), *(p.original for p in self.photos)]


def papers(count: int, photos: int) -> list[Paper]:
    """So many reports with so many photos each."""
    return [_paper(n, [_photo(n * photos + k) for k in range(photos)]) for n in range(count)]


def sha256(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def _photo(number: int) -> Photo:
    dice = random.Random(number)
    width, height = _GRAINS
    grains = Image.frombytes("RGB", _GRAINS, dice.randbytes(width * height * 3))
    whole = grains.resize(_SIDES, Image.Resampling.BICUBIC)
    return Photo(_jpeg(whole, 88), _jpeg(whole.resize(_COPY_SIDES), 80))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _paper(number: int, photos: Sequence[Photo]) -> Paper:
    at = datetime.now(UTC).isoformat()
    manifest = {
        "v": 1,
        "kind": "report",
        "captured_at": at,
        "payload": {
            "data": {
                "description": f"阀井积水，第 {number} 号巡查点",
                "place": f"青梧路 {number} 号",
                "suspected_urgency": "C",
            }
        },
        "attachments": [
            {
                "display": {"sha256": sha256(p.display), "size": len(p.display), "mime": "image/jpeg"},
                "original": {
                    "sha256": sha256(p.original),
                    "size": len(p.original),
                    "mime": "image/jpeg",
                    "filename": f"IMG_{number}_{place}.jpg",
                },
                "meta": {"kind": "PHOTO_BEFORE", "captured_at": at},
            }
            for place, p in enumerate(photos)
        ],
    }
    return Paper(new_id(), json.dumps(manifest, ensure_ascii=False).encode(), photos)
