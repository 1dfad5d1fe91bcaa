"""Who is who: organisations, people, roles, what they see and may do, and who is told what."""
