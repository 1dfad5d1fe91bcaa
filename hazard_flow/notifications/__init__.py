"""Bringing messages to people: the inbox, e-mail, and what comes later; who was told what stays on record."""
