"""What there is: stations, pipes, regulators, valve wells and their places."""
