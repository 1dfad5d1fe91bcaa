"""Real processes on real databases, with the plug pulled: killed, frozen, cut off, starved of room; each run ends in the same checker.

CI runs a small sample of every fault; `hazard-flow soak chaos` runs the full counts. Every choice of chance comes from a seed that is
printed: `CHAOS_SEED=… hazard-flow soak chaos` draws the same again (what the machine's scheduler makes of it may still differ).
"""
