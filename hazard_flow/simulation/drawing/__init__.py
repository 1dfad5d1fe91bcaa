"""Drawn stand-ins for site photographs: textures, a canvas with light and shadow, scenes, and a camera. Pillow only."""
