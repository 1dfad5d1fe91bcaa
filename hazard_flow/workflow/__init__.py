"""The workflow language: pure, no database, no web."""
