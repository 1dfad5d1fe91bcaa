"""Many files at once: sampling plans, and batch export."""
