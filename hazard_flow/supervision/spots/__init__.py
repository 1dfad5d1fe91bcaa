"""Re-checks: what the enterprise recorded of a place against what the regulator found there."""
