"""What figures are made of: one narrow row a hazard, followed from the event feed, so that no figure ever reads the door's own tables."""
