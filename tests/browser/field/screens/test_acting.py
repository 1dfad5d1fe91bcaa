"""Acting on a task with no network: the form the workflow asks for, the same viewpoint, item by item, and two people at once."""

from typing import TYPE_CHECKING, Any

from tests.harness.in_hand import Hand, in_hand, shot
from tests.harness.site import Site
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from hazard_flow.hazards.models import Hazard


def hazard_at(site: Site, hazard: "Hazard") -> Any:
    """The hazard as the safety director's program sees it."""
    return site.client("何安全").get(f"/api/v1/hazards/{hazard.number}").json


def begin(hand: Hand, hazard: "Hazard", action: str) -> None:
    """Open the task and take up an act on it."""
    hand.open(f"task/{hazard.number}")
    one = hand.page.locator(f".act .btn >> text='{action}'")
    one.wait_for(state="attached")
    if not one.is_visible():
        hand.tap(".act summary")
    hand.tap(one)
    hand.page.wait_for_selector(".cap footer")


def submit(hand: Hand) -> None:
    """Press the act's own button, and wait until it is said to be stored."""
    hand.tap("footer .btn.pri")
    hand.page.wait_for_selector(".stored")


def test_an_act_of_the_cellar_enters_when_the_network_is_back(browser: "Browser", small_site: Site):
    hazard = small_site.city.bring_to(small_site.city.report("地下室管道锈蚀"), "assigned")
    with in_hand(browser, small_site) as hand:
        hand.sign_in("王班长")
        hand.installed()
        hand.offline()
        begin(hand, hazard, "签收")
        submit(hand)
        hand.open("outbox")
        hand.page.wait_for_selector(".out >> text=等网络")
        hand.open(f"task/{hazard.number}")
        hand.page.wait_for_selector("text=本机待传的办理")
        assert hazard_at(small_site, hazard)["state"] == "assigned"

        hand.offline(False)
        hand.sent()

    assert hazard_at(small_site, hazard)["state"] == "rectifying"


def test_work_is_handed_in_with_a_photo_of_the_same_viewpoint(browser: "Browser", small_site: Site):
    city = small_site.city
    hazard = city.bring_to(city.report("填料处微漏，须更换"), "rectifying")
    [before] = city.evidence(hazard)
    with in_hand(browser, small_site, size="lying") as hand:
        hand.sign_in("王班长")
        hand.wait_for_event(f"(await import('/field/static/core/data.js')).taskPhotoUrl('{before.sha256}')")
        begin(hand, hazard, "申请复查")
        assert "整改后" in hand.page.inner_text("footer .missing")
        submit_early(hand)
        hand.page.wait_for_selector("img.beside")
        hand.take(".view .shutter", shot(31))
        hand.page.wait_for_selector(".strip >> text=1 已拍")
        hand.page.fill("[data-field=measures_done] textarea", "更换阀门填料，紧固压盖，检漏合格")
        hand.page.fill("[data-field=funds_used] input", "380")
        submit(hand)
        hand.sent()

    assert hazard_at(small_site, hazard)["state"] == "submitted"
    [after] = [one for one in city.evidence(hazard) if one.kind == "PHOTO_AFTER"]
    assert after.pair_of == before.sha256
    told = city.events(hazard)[-1].data["fields"]
    assert told["measures_done"] == "更换阀门填料，紧固压盖，检漏合格"
    assert "leak_unit" not in told  # nothing was measured, so there is no unit either


def submit_early(hand: Hand) -> None:
    """Pressed too soon it says under each field what is missing."""
    hand.tap("footer .btn.pri")
    hand.page.wait_for_selector("[data-field=measures_done].bad .wrong")
    assert hand.page.locator(".bad").count() == 2


def test_a_recheck_passes_item_by_item(browser: "Browser", small_site: Site):
    city = small_site.city
    hazard = city.bring_to(city.report("软管超过两米，有接头"), "submitted")
    with in_hand(browser, small_site) as hand:
        hand.sign_in("徐复查")
        begin(hand, hazard, "复查")
        assert hand.page.is_disabled("footer .btn.pri")
        items = hand.page.locator(".item")
        for n in range(items.count()):
            hand.tap(items.nth(n).locator("button >> text='合格'"))
        hand.take(".view .shutter", shot(41))
        hand.page.wait_for_selector(".strip >> text=1 已拍")
        hand.tap("[data-field=on_site] >> text=否")
        hand.page.wait_for_selector("[data-field=remote_reason]")
        assert hand.page.is_disabled("footer .btn.pri")
        hand.tap("[data-field=on_site] >> text=是")
        hand.page.wait_for_selector("footer .btn.pri:not([disabled])")
        submit(hand)
        hand.sent()

    assert hazard_at(small_site, hazard)["state"] == "verified"
    told = city.events(hazard)[-1].data["fields"]
    assert told["on_site"] is True
    assert told["opinion"].startswith("逐项复查：1. 问题已消除：软管超过两米，有接头：合格；2. ")


def test_one_failed_item_can_only_go_back(browser: "Browser", small_site: Site):
    city = small_site.city
    hazard = city.bring_to(city.report("自闭阀失效"), "submitted")
    with in_hand(browser, small_site) as hand:
        hand.sign_in("徐复查")
        begin(hand, hazard, "复查")
        hand.tap("#item-0-pass")
        hand.tap("#item-1-fail")
        hand.tap("#item-2-pass")
        assert hand.page.is_disabled("footer .btn.pri")
        hand.take(".view .shutter", shot(42))
        hand.page.wait_for_selector(".strip >> text=1 已拍")
        hand.tap("footer .btn >> text=不合格，退回")
        hand.page.wait_for_selector(".stored")
        hand.sent()

    assert hazard_at(small_site, hazard)["state"] == "rectifying"
    assert "不合格" in city.events(hazard)[-1].data["fields"]["reason"]


def test_refused_entry_goes_with_the_photo_of_the_posted_notice(browser: "Browser", small_site: Site):
    hazard = small_site.city.household()
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        begin(hand, hazard, "登记拒访或不遇")
        hand.tap("[data-field=visit_result] >> text=拒绝检查")
        hand.take(".view .shutter", shot(51))
        wait_for(lambda: hand.drafts()[0]["photos"], bool)
        submit(hand)
        hand.sent()

    kinds = {one.kind for one in small_site.city.evidence(hazard)}
    assert "ABSENCE_NOTICE_PHOTO" in kinds


def test_a_user_signs_on_the_glass(browser: "Browser", small_site: Site):
    hazard = small_site.city.household()
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        begin(hand, hazard, "书面告知用户")
        hand.page.wait_for_selector("canvas[height]")
        box = hand.page.locator(".pad-box canvas").bounding_box()
        assert box is not None
        hand.page.mouse.move(box["x"] + 60, box["y"] + 80)
        hand.page.mouse.down()
        for n in range(12):
            hand.page.mouse.move(box["x"] + 60 + n * 20, box["y"] + 80 + (n % 3) * 24)
        hand.page.mouse.up()
        hand.tap("text=签好了")
        hand.page.wait_for_selector("img[alt=签字]")
        hand.tap("[data-field=delivery] >> text=当面签收")
        hand.page.fill("[data-field=prescribed_measures] textarea", "现场关阀并张贴警示")
        hand.page.fill("[data-field=measures] textarea", "更换不锈钢波纹软管")
        submit(hand)
        hand.sent()

    [signed] = [one for one in small_site.city.evidence(hazard) if one.kind == "NOTICE_SIGNED"]
    assert signed.mime == "image/png"


def test_two_acts_of_ones_own_do_not_stand_against_each_other(browser: "Browser", small_site: Site):
    city = small_site.city
    hazard = city.bring_to(city.report("阀门锈死，须更换"), "rectifying")
    with in_hand(browser, small_site) as hand:
        hand.sign_in("王班长")
        hand.installed()
        hand.offline()
        for percent, note in (("30", "阀门已到货"), ("60", "旧阀已拆除")):
            begin(hand, hazard, "进展填报")
            hand.page.locator("[data-field=percent] input").fill(percent)
            hand.page.fill("[data-field=note] textarea", note)
            submit(hand)
        hand.offline(False)
        receipts = hand.sent()

    assert [one["outcome"] for one in receipts] == ["entered", "entered"]
    told = [e.data["fields"]["note"] for e in city.events(hazard) if e.action == "progress"]
    assert told == ["阀门已到货", "旧阀已拆除"]


def test_who_comes_second_sees_both_versions_and_nothing_is_gone(browser: "Browser", small_site: Site):
    city = small_site.city
    hazard = city.bring_to(city.report("调压箱门锁损坏"), "assigned")
    with in_hand(browser, small_site) as hand:
        hand.sign_in("王班长")
        hand.installed()
        hand.offline()
        begin(hand, hazard, "退回")
        hand.tap("[data-field=return_reason] >> text=内容不清")
        hand.page.fill("[data-field=note] textarea", "地点写得不清，找不到")
        submit(hand)
        city.accept(hazard)  # meanwhile, at a desk
        hand.offline(False)
        hand.contested()
        hand.call("core/data", "refreshData")
        hand.open("outbox")
        hand.tap(".rows >> text=查看")
        hand.page.wait_for_selector("text=这次办理没有被接受")
        yours, theirs = (
            hand.page.locator(f"section.card:has(h2:text-is('{one}'))")
            for one in ("您的内容", "系统现在的内容")
        )
        assert "地点写得不清，找不到" in yours.inner_text()
        assert "整改中" in theirs.inner_text()
        assert len(hand.records()) == 1

        hand.tap("text=收起这条")
        assert len(hand.records()) == 1  # asked first
        hand.tap("text=确认收起")
        hand.page.wait_for_selector(".rows >> text=未被接受")
        assert hand.records() == []

    assert hazard_at(small_site, hazard)["state"] == "rectifying"
