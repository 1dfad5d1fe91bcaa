"""Escalation drills: every rung of every ladder, with the real people, rules, engine and post, in a sealed copy; a record is filed."""
