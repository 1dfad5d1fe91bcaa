"""The four colours of an area, notice boards, and pieces of other pages."""
