"""What the hazard's page shows of doubts, and of every clock: to whoever judges, in their language; and how a form asks for a reason."""

import io
from datetime import timedelta

from hazard_flow.hazards.models import Hazard
from tests.harness.city import City
from tests.harness.inspecting import examine, take
from tests.harness.photos import tiny_jpeg
from tests.harness.scenes import jpeg, scene
from tests.rulebook.desk import Desk, words


def used_again(city: City) -> tuple[Hazard, Hazard]:
    """A hazard handed in with the photo of another one."""
    first, second = (city.bring_to(city.report(), "rectifying") for _ in range(2))
    city.fast_forward(hours=2)
    for hazard, quality in ((first, 90), (second, 60)):
        [before] = [e for e in city.evidence(hazard) if e.kind == "PHOTO_BEFORE"]
        photo = take(
            city, jpeg(scene("one well"), quality=quality), "PHOTO_AFTER", stage="rectify", pair_of=before.sha256,
            captured_at=city.now + timedelta(minutes=12), skew_s=12 * 60,
        )  # fmt: skip
        city.submit(hazard, evidence=[photo, *city.papers(hazard)])
        city.fast_forward(minutes=1)
    examine(city)
    return first, second


def test_the_verifier_reads_it_before_the_act_and_the_worker_does_not(city: City, desk: Desk):
    first, second = used_again(city)

    judging = words(desk.get("徐复查", f"/hazards/{second.number}"))
    judged = words(desk.get("王班长", f"/hazards/{second.number}"))
    honest = words(desk.get("徐复查", f"/hazards/{first.number}"))

    assert "真实性核查" in judging
    assert "办理前请先核实这些疑点" in judging
    assert f"与{first.number}的照片高度相似" in judging
    assert "疑点评分" in judging
    assert "真实性核查" not in judged
    assert first.number not in judged
    assert "办理前请先核实这些疑点" not in honest or "高度相似" not in honest


def test_the_same_in_english(city: City, desk: Desk):
    first, second = used_again(city)

    page = words(desk.get("徐复查", f"/hazards/{second.number}?lang=en"))

    assert "Look into these doubts before you decide" in page
    assert f"Much like a photo of {first.number}" in page


def test_every_clock_stands_by_itself_with_how_far_it_was_off(city: City, desk: Desk):
    _, second = used_again(city)

    page = words(desk.get("徐复查", f"/hazards/{second.number}"))

    assert "终端时钟快 12 分钟" in page or "终端时钟快 12 分" in page
    assert "接收" in page


def test_a_photo_used_again_brings_the_form_back_with_a_place_for_the_reason(city: City, desk: Desk):
    data = tiny_jpeg()
    first, second = (city.bring_to(city.report(), "rectifying") for _ in range(2))
    for hazard in (first, second):
        [before] = [e for e in city.evidence(hazard) if e.kind == "PHOTO_BEFORE"]
        name = f"after_for_{before.sha256}"
        form = {
            "completed_at": city.now.isoformat(), "measures_done": "已更换井盖并加固井圈，复测合格", "funds_used": "1",
            name: (io.BytesIO(data), "井盖.jpg"),
            **{p.kind: (io.BytesIO(tiny_jpeg()), "paper.jpg") for p in city.papers(hazard)},
        }  # fmt: skip
        answer = desk.send("王班长", f"/hazards/{hazard.number}/actions/submit", **form)

    assert answer.status_code == 422
    page = words(answer)
    assert "重复使用说明" in page
    assert first.number in page
    assert 'name="reuse_reason"' in answer.text
    assert 'name="device_at"' in answer.text
