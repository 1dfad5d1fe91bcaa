"""Hazards: the heart. Every change walks through `door.apply`."""
