"""Sparkplug B topics: `spBv1.0/<group>/<message type>/<edge node>[/<device>]` (Sparkplug 3.0, chapter 4)."""

from dataclasses import dataclass

NAMESPACE = "spBv1.0/"
#: messages that carry a payload of metrics; commands and host state concern others
NODE_TYPES, DEVICE_TYPES = ("NBIRTH", "NDATA", "NDEATH"), ("DBIRTH", "DDATA", "DDEATH")
OTHER_TYPES = ("NCMD", "DCMD", "STATE")
_PART_MAX = 80


@dataclass(frozen=True)
class SparkplugTopic:
    """The parts of a topic; `device` empty for a message of the node itself."""

    group: str
    what: str
    node: str
    device: str

    @property
    def edge(self) -> str:
        """Group and node: what a session belongs to."""
        return f"{self.group}/{self.node}"


def read_sparkplug_topic(topic: str) -> SparkplugTopic | None:
    """The parts of a Sparkplug B topic, or None for any other."""
    parts = topic.split("/")
    if not 3 <= len(parts) <= 5 or not all(
        0 < len(part) <= _PART_MAX and part.isprintable() for part in parts
    ):
        return None
    if parts[1] == "STATE" and len(parts) == 3:
        return SparkplugTopic("", "STATE", parts[2], "")
    _, group, what, node, *device = (*parts, *[""] * (4 - len(parts)))
    named = bool(device)
    if not node or what not in (*NODE_TYPES, *DEVICE_TYPES, *OTHER_TYPES):
        return None
    if (what in DEVICE_TYPES or what == "DCMD") != named:
        return None
    return SparkplugTopic(group, what, node, device[0] if named else "")
