"""Sparkplug B: the recorded session from birth to death, aliases, numbers missed, deaths that are not this session's."""

from datetime import UTC, datetime

import pytest

from hazard_flow.telemetry.signals import Parsed, Raw
from hazard_flow.telemetry.sources.sparkplug import Session, fold
from hazard_flow.telemetry.sources.sparkplug_payload import Unreadable, decode
from hazard_flow.telemetry.sources.sparkplug_topics import read_sparkplug_topic
from tests.telemetry.sources.reading import AT, KNOWN, recorded
from tests.telemetry.sources.sparkplug import field, metric, payload, quality

NODE, DEVICE = "spBv1.0/g/{}/gw-1", "spBv1.0/g/{}/gw-1/G-101"


def say(
    session: Session, topic: str, body: bytes, *, at: datetime = AT, retain: bool = False
) -> tuple[Parsed, Session]:
    headers = {"topic": topic, "key": "k", "retain": retain}
    return fold(session, Raw("sparkplug", body, at, headers, known=KNOWN))


def born(*, bd_seq: int = 7, alias: bool = True) -> Session:
    """A session with one device whose metrics have aliases."""
    birth = payload(metric(name="bdSeq", datatype=8, long_value=bd_seq), seq=0)
    names = {"alias": 5} if alias else {}
    device = payload(
        metric(name="ch4_lel", **names, datatype=9, float_value=3.0), seq=1, timestamp=1795420000000
    )
    _, session = say(Session(), NODE.format("NBIRTH"), birth)
    return say(session, DEVICE.format("DBIRTH"), device)[1]


def test_the_recorded_session_gives_its_samples_and_ends_with_the_device_stale() -> None:
    session, told = Session(), []
    for message in recorded("real_sparkplug_b_session")["messages"]:
        at = datetime.fromtimestamp(message["rx"], UTC)
        parsed, session = say(session, message["topic"], bytes.fromhex(message["hex"]), at=at)
        assert parsed.problems == ()
        told.append(
            [
                (s.status.value, s.device, s.quantity or s.labels.get("kind", ""), s.value)
                for s in parsed.signals
            ]
        )
        assert not any("seq_gap" in s.quality for s in parsed.signals)
    assert told == [
        [],
        [
            ("online", "G-101", "", None),
            ("sample", "G-101", "ch4_lel", 3.0),
            ("sample", "G-101", "battery_v", pytest.approx(3.6)),
            ("resolved", "G-101", "sensor_fault", None),
        ],
        [("sample", "G-101", "ch4_lel", 30.5)],
        [("sample", "G-101", "ch4_lel", 61.0)],
        [("offline", "G-101", "", None)],
    ]
    assert (session.is_alive, session.missed) == (False, 0)


def test_the_decoder_reads_what_the_recording_says() -> None:
    for message in recorded("real_sparkplug_b_session")["messages"]:
        found, said = decode(bytes.fromhex(message["hex"])), message["decoded"]
        assert found.timestamp_ms == int(said["timestamp"])
        assert found.seq == (int(said["seq"]) if "seq" in said else None)
        assert [(m.name, m.datatype, m.timestamp_ms) for m in found.metrics] == [
            (m["name"], m["datatype"], int(m["timestamp"])) for m in said["metrics"]
        ]


def test_an_alias_means_what_the_birth_called_it() -> None:
    data = payload(metric(alias=5, float_value=61.0), seq=2, timestamp=1795420001000)
    parsed, _ = say(born(), DEVICE.format("DDATA"), data)
    assert [(s.device, s.quantity, s.value) for s in parsed.signals] == [("G-101", "ch4_lel", 61.0)]
    stranger, _ = say(born(), DEVICE.format("DDATA"), payload(metric(alias=6, float_value=61.0), seq=2))
    assert [str(p) for p in stranger.problems] == ["unknown_alias: g/gw-1 6"]


def test_a_missed_number_is_noted_on_what_comes_after_it() -> None:
    parsed, session = say(born(), DEVICE.format("DDATA"), payload(metric(alias=5, float_value=9.0), seq=5))
    assert [s.quality for s in parsed.signals] == ["seq_gap"]
    assert session.missed == 3
    parsed, session = say(session, DEVICE.format("DDATA"), payload(metric(alias=5, float_value=9.0), seq=6))
    assert [s.quality for s in parsed.signals] == [""]


def test_numbers_start_over_after_255_without_a_gap() -> None:
    session = born()
    for seq in (*range(2, 256), 0, 1):
        _, session = say(session, DEVICE.format("DDATA"), payload(metric(alias=5, float_value=9.0), seq=seq))
    assert session.missed == 0


def test_a_nodes_death_makes_its_devices_stale_and_never_normal() -> None:
    parsed, session = say(born(), NODE.format("NDEATH"), payload(metric(name="bdSeq", long_value=7)))
    assert [(s.status.value, s.device) for s in parsed.signals] == [("offline", "G-101")]
    assert not session.is_alive


def test_the_death_of_an_earlier_session_is_not_this_ones() -> None:
    parsed, session = say(born(bd_seq=8), NODE.format("NDEATH"), payload(metric(name="bdSeq", long_value=7)))
    assert (parsed.signals, session.is_alive) == ((), True)


def test_a_devices_death_is_its_own() -> None:
    parsed, session = say(born(), DEVICE.format("DDEATH"), payload(seq=2))
    assert [(s.status.value, s.device) for s in parsed.signals] == [("offline", "G-101")]
    assert session.is_alive


def test_null_and_stale_metrics_measure_nothing_and_bad_ones_say_so() -> None:
    body = payload(
        metric(name="ch4_lel", datatype=9, is_null=1),
        metric(name="pressure", datatype=9, float_value=5.0, properties=quality(500)),
        metric(name="battery_v", datatype=9, float_value=3.0, properties=quality(0)),
        seq=2,
    )
    parsed, _ = say(born(), DEVICE.format("DDATA"), body)
    assert [(s.quantity, s.quality) for s in parsed.signals] == [("battery_v", "q=bad")]


def test_whole_numbers_have_the_sign_of_their_type() -> None:
    body = payload(
        metric(name="ch4_lel", datatype=3, int_value=2**32 - 5),
        metric(name="pressure", datatype=7, int_value=2**32 - 5),
        seq=2,
    )
    parsed, _ = say(born(), DEVICE.format("DDATA"), body)
    assert [s.value for s in parsed.signals] == [-5.0, 2.0**32 - 5]


def test_the_fault_flag_is_a_statement_about_the_sensor() -> None:
    body = payload(metric(name="fault", datatype=11, boolean_value=1), seq=2)
    [said] = say(born(), DEVICE.format("DDATA"), body)[0].signals
    assert (said.status.value, said.labels["kind"], said.episode) == ("firing", "sensor_fault", "")


def test_data_before_any_birth_count_where_they_carry_names() -> None:
    parsed, _ = say(
        Session(), DEVICE.format("DDATA"), payload(metric(name="ch4_lel", float_value=61.0), seq=9)
    )
    assert [s.value for s in parsed.signals] == [61.0]


@pytest.mark.parametrize(
    "topic",
    [
        "spBv1.0/g/NBIRTH/gw/dev",
        "spBv1.0/g/DDATA/gw",
        "spBv1.0/g/WHAT/gw",
        "spBv1.0//NBIRTH/gw",
        "spBv1.0/g",
        "gas/a/b/c",
    ],
)
def test_other_topics_are_none(topic: str) -> None:
    assert read_sparkplug_topic(topic) is None


def test_commands_host_state_and_retained_words_say_nothing() -> None:
    for topic, retain in (
        ("spBv1.0/STATE/host", False),
        (DEVICE.format("DCMD"), False),
        (DEVICE.format("DDATA"), True),
    ):
        parsed, _ = say(
            born(), topic, payload(metric(name="ch4_lel", float_value=61.0), seq=2), retain=retain
        )
        assert (parsed.signals, parsed.problems) == ((), ())


@pytest.mark.parametrize(
    "body",
    [b"\x08", b"\x12\xff\x01", b"\x0b", b"\xff" * 12, b"\x12\x03\x0a\x01\xff", field(2, 2, b"\x65\x00")],
    ids=["cut number", "cut field", "wire type", "endless", "bad UTF-8", "cut float"],
)
def test_what_is_no_payload_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(body)
    parsed, _ = say(born(), DEVICE.format("DDATA"), body)
    assert [p.code for p in parsed.problems] == ["not_sparkplug"]
