"""Pages that stay true while they are looked at: a stream of server-sent events says that something changed, the page asks for the rest."""
