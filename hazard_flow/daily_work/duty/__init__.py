"""The duty: who is on, and the call that tests whether they answer."""
