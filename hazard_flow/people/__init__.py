"""The pages of people: signing in and out, who works where. The rules of identity stand in `identity`."""
