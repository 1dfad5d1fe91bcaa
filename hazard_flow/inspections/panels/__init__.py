"""What other pages show of rounds."""
