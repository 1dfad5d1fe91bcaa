"""The pages of batches: planned by building, announced, handed over, followed."""
