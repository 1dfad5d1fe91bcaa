"""Risk points (风险点): what can go wrong where, how bad, what keeps it from happening, and its colour now."""
