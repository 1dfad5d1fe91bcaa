"""A random city lived through step by step, and an oracle that works out from its log alone what should have happened."""
