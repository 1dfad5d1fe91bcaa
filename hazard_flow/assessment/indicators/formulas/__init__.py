"""One file an indicator: its words, its source, how it is counted, an example, and how it could be gamed."""
