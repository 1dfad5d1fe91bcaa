"""Acts on many hazards at once."""
