"""Tests of the radar."""
