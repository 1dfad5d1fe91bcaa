"""The field app itself: an anonymous page, its scripts, its worker. Nothing here knows who is asking."""
