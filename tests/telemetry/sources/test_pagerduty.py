"""PagerDuty's events: a key used for ever, with episodes that are ours."""

from typing import Any

from tests.telemetry.sources.reading import parsed, recorded, told


def event(**changed: Any) -> dict[str, Any]:
    body: dict[str, Any] = recorded("docs_pagerduty")["body"] | changed
    return body


def test_the_documented_trigger_is_a_firing_statement() -> None:
    result = parsed("pagerduty", event())
    assert told(result) == [("firing", "VW-1", "G-101", 2)]
    [said] = result.signals
    assert (said.identity, said.episode) == ("VW-1/G-101/gas", "")
    assert (said.labels["class"], said.labels["unit"], said.labels["reading"]) == (
        "combustible gas",
        "%LEL",
        "61",
    )


def test_a_resolve_needs_its_key_and_a_trigger_does_not() -> None:
    gone = event(event_action="resolve", payload=None)
    assert told(parsed("pagerduty", gone)) == [("resolved", None, None, None)]
    assert [p.code for p in parsed("pagerduty", gone | {"dedup_key": None}).problems] == ["alert_identity"]
    first, second = (parsed("pagerduty", event(dedup_key="")).signals[0] for _ in range(2))
    assert first.identity == second.identity != ""


def test_an_acknowledgement_elsewhere_says_nothing() -> None:
    result = parsed("pagerduty", event(event_action="acknowledge"))
    assert (result.signals, result.problems) == ((), ())


def test_a_warning_has_the_lower_level() -> None:
    [said] = parsed("pagerduty", event(payload=event()["payload"] | {"severity": "warning"})).signals
    assert said.level is None
