"""What simulations start from: the founded city of the stories, on each kind of database."""

from tests.harness.city import city
from tests.harness.founding import place

__all__ = ["city", "place"]
