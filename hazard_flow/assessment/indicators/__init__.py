"""Indicators (domain 6.2): what is counted, of which rows, to what target, and how each could be gamed."""
