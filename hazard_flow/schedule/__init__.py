"""Rows of timers and outgoing messages, for any kind of subject. The engine that fires them stands in `timers`."""
