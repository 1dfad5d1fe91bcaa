"""Photos, films and papers that prove a hazard: taken in, looked at, kept bit-exact under their SHA-256."""
