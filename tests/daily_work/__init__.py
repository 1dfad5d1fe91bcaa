"""Daily work beside rounds."""
