"""Storage: the engine, the one transaction, base types, migrations and paging. Nothing here knows what a hazard is."""
