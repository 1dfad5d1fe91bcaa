"""Sealing PDFs, the one importer of pyHanko: the field, the seal, the time stamp, the archive copy, and reading them back."""
