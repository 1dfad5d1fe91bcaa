"""A city in which every signal of the radar has something to say, for whoever looks at all pages."""

from tests.harness.city import City
from tests.harness.inspecting import examine, take
from tests.harness.photos import tiny_jpeg
from tests.harness.risks import fires

#: name of a view, address, who looks
VIEWS = (
    ("radar", "/radar", "唐监管"),
    ("radar-own", "/radar", "何安全"),
    ("radar-signal", "/radar/signals/closed_too_fast", "唐监管"),
    ("radar-group", "/radar/signals/recurring_assets", "唐监管"),
    ("radar-nothing", "/radar?days=30", "方监管"),
)


def radar_views(city: City) -> tuple[tuple[str, str, str], ...]:
    """Fill the city; the views."""
    photo = tiny_jpeg()
    city.report("标志桩缺失，警示带脱落", evidence=[take(city, photo)])
    leak = city.report("阀井燃气浓度偏高", asset="VW-1", evidence=[take(city, photo)])
    city.assign(leak, basis=["VLV-G01"])
    city.accept(leak)
    for step in (city.submit, city.verify, city.close):
        step(leak)
    for _ in range(3):
        city.report("阀井井盖破损移位", asset="VW-9", catalogue_code="VLV-G03")
    moved = city.report("调压箱基础下沉，等待占道许可")
    city.assign(moved, due_at=city.day(20))
    city.accept(moved)
    city.request_extension(moved, days=40)
    city.decide_extension(moved)
    examine(city)
    fires(city, "VW-1")
    return VIEWS
