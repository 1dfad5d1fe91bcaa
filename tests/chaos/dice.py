"""Chance that can be repeated: every draw comes from a seed that is printed."""

import os
import random
import secrets

SEED = "CHAOS_SEED"


def dice(name: str) -> random.Random:
    """Dice of one test, from the seed asked for or a new one."""
    seed = os.environ.get(SEED) or str(secrets.randbits(32))
    print(f"\n{name}: {SEED}={seed}", flush=True)
    return random.Random(f"{seed}/{name}")
