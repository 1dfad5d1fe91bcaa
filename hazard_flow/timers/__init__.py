"""The engine that fires due timers of every kind, and the loop that wakes it."""
