"""Checklists as data: what is looked at, in which words, after which clause, and which hazard a failed answer is."""
