"""Dashboards for three readers: the regulator, an enterprise's principal, a team leader."""
