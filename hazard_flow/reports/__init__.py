"""Papers for the file: closure reports and what they are made of. WeasyPrint lives in a process of its own."""
