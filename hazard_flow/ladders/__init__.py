"""Time limits of everything that is no hazard: one row a limit, one ladder a kind, until somebody has met it."""
