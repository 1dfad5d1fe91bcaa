"""HTTPS on a network of one's own: an authority, its certificate for this server, and how a tablet comes to trust it."""
