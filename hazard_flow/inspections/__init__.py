"""What is gone round and looked at by plan: recurrence, checklists, rounds and their tracks, households, construction sites."""
