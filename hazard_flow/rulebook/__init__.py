"""The rules as people meet them: drawn, tried on history, released, and changed for what is open."""
