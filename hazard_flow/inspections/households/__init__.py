"""Households and other users (入户安检): who is due when, batches by building, visits with their answers, refused entry."""
