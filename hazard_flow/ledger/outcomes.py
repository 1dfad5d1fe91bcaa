"""What can become of a publication."""

BEGUN, PUBLISHED, FAILED = "begun", "published", "failed"
OUTCOMES = (BEGUN, PUBLISHED, FAILED)
