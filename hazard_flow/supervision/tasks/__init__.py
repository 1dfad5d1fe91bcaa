"""Supervision tasks: what a regulator asks of an enterprise or of a regulator below, by when, and what came back."""
