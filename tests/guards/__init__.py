"""The repository looks at itself: top level, layers, wheel, both languages, the set-up command."""
