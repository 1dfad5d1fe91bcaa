"""Tests: units beside their package, stories, guards over the repository itself, browser, chaos, migrations."""
