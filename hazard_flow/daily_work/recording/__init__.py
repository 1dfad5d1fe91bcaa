"""Pages on which something is recorded, corrected, brought to its end, withdrawn; one record with its history and files."""
