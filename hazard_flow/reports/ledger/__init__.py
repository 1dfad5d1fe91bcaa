"""The ledger shown to people and programs: what it has come to, who has its checkpoints, and proofs."""
