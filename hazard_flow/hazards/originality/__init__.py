"""Is what was handed in what it says it is? Doubts with reasons for whoever re-checks, never a verdict."""
