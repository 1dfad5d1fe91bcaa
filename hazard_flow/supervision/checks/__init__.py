"""Unannounced checks (四不两直): planned in sight of the team alone, drawn by a recorded seed, recorded in writing, signed or refused."""
