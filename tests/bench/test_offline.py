"""The measurement of submissions on a handful: nothing is lost, and its instruments notice what they should."""

from pathlib import Path

from hazard_flow.bench import offline
from hazard_flow.bench.offline import counting
from hazard_flow.bench.offline.ground import ground
from hazard_flow.bench.offline.proxy import FaultyProxy
from hazard_flow.bench.offline.sending import send_all
from hazard_flow.bench.offline.shots import papers, sha256


def test_a_handful_under_faults(tmp_path: Path):
    written = papers(4, 2)

    with ground(tmp_path) as place, FaultyProxy(place.port, faults=0.4, seed=3) as proxy:
        requests = send_all(written, port=proxy.port, token=place.token, tablets=3)
        whole = counting.count(place.database, place.store, written)
        (tmp_path / "store" / counting_path(written[0].photos[0].original)).unlink()
        damaged = counting.count(place.database, place.store, written)
        more = counting.count(place.database, place.store, [*written, *papers(1, 2)])

    assert proxy.spoiled > 5
    assert requests > proxy.spoiled
    assert (whole.lost, whole.doubled, whole.damaged, whole.files) == (0, 0, 0, 16)
    assert damaged.damaged == 1
    assert more.lost == 1
    assert offline.FAULTS == 0.2


def counting_path(data: bytes) -> Path:
    name = sha256(data)
    return Path("original") / name[:2] / name[2:4] / name
