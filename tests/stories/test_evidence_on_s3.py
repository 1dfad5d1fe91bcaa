"""Where evidence lies on S3 the loop is the same: photos come and go, one used again is found, the file at the end is made."""

import pytest

from hazard_flow.errors import Refused
from hazard_flow.evidence.store import Store
from tests.harness.city import City
from tests.harness.inspecting import doubts, examine, take
from tests.harness.refusals import said
from tests.harness.s3 import S3Server
from tests.harness.scenes import jpeg, scene


@pytest.fixture
def on_s3(city: City, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> City:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    city.store = Store.open(s3_server.fresh())
    return city


def test_a_hazard_is_closed(on_s3: City):
    hazard = on_s3.bring_to(on_s3.report(), "closed")

    assert on_s3.look(hazard).resolution == "rectified"
    assert all(len(on_s3.store.get(e.sha256)) == e.size for e in on_s3.evidence(hazard))
    assert all(
        on_s3.store.get(e.display_sha256, area="display") for e in on_s3.evidence(hazard) if e.display_sha256
    )


def test_a_photo_used_again_is_found(on_s3: City):
    first = on_s3.report(evidence=[take(on_s3, jpeg(scene("a well")))])
    on_s3.fast_forward(hours=1)
    second = on_s3.report(evidence=[take(on_s3, jpeg(scene("a well"), quality=50))])

    assert examine(on_s3) == 2
    assert doubts(on_s3, first) == {}
    assert set(doubts(on_s3, second)) == {"reused_near"}


def test_an_after_photo_used_again_is_refused(on_s3: City):
    one, two = (on_s3.bring_to(on_s3.report(), "rectifying") for _ in range(2))
    data = jpeg(scene("done"))
    for hazard, refused in ((one, False), (two, True)):
        [before] = on_s3.evidence(hazard)
        photo = take(on_s3, data, "PHOTO_AFTER", stage="rectify", pair_of=before.sha256)
        pieces = [photo, *on_s3.papers(hazard)]
        if not refused:
            on_s3.submit(hazard, evidence=pieces)
            continue
        with pytest.raises(Refused) as refusal:
            on_s3.submit(hazard, evidence=pieces)
        assert said(refusal) == {("evidence", "photo_reused_elsewhere")}
