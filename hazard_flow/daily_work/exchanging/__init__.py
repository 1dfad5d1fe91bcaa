"""Registers in and out as files, on their pages."""
