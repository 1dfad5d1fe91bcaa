"""What recording something may bring about beside the record itself, by name."""

#: an expired cylinder that is filled, sold or delivered is a hazard
EXPIRED_CYLINDER = "expired_cylinder"
CONSEQUENCES = (EXPIRED_CYLINDER,)
