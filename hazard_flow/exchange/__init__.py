"""Files in and out: records with their line, faults with a mend, what an import would change, and the kinds features register."""
