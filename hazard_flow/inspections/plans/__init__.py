"""The desk's pages of plans and the form of a new one."""
