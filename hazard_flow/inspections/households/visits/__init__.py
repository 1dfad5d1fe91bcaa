"""The pages of one visit: its form at the desk, its record with what the user is told in writing, its pictures."""
