"""The ledger: canonical form and hashes of events. Knows bytes, not hazards."""
