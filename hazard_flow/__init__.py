"""Hazard Flow: the hidden-danger (安全隐患) workflow engine for urban gas safety."""

__version__ = "26.11.0"
