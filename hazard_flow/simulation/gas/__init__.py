"""A labelled city of gas detectors: what every one shows in a month, and what was really there. Seeded; judged against, never tuned to."""
