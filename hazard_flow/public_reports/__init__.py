"""What the public reports without signing in: taken in, looked at by the duty desk, and only then a hazard."""
