"""Which topics the consumer asks the broker for, and which parser reads a message on one."""

from hazard_flow.telemetry.sources import sparkplug_topics, thingsboard_telemetry

#: our own contract, ThingsBoard's device and gateway topics (with a device's name before them or not), Sparkplug B
SUBSCRIBED = (
    "gas/#",
    "v1/devices/me/+",
    "v1/gateway/+",
    "tb/+/v1/devices/me/+",
    "tb/+/v1/gateway/+",
    "spBv1.0/#",
)


def kind_of(topic: str) -> str:
    """The kind of message a topic carries: the key of its parser."""
    if thingsboard_telemetry.is_topic(topic):
        return "thingsboard_mqtt"
    return "sparkplug" if topic.startswith(sparkplug_topics.NAMESPACE) else "mqtt"
