"""The recorded payloads, as the requests they were."""

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "samples"
#: one scenario of an afternoon, in the order it was recorded
AFTERNOON = ("01", "02", "03", "04", "06", "07", "08", "10")


def bodies(number: str) -> list[bytes]:
    """The body of each request in the file with this number (retries and duplicates are several requests)."""
    [path] = SAMPLES.glob(f"real_am_{number}_*.json")
    wrapper: Any = json.loads(path.read_text("utf-8"))
    requests = wrapper if isinstance(wrapper, list) else [wrapper]
    return [json.dumps(request["body"]).encode() for request in requests]
