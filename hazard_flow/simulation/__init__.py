"""The made-up gas city, and the servers a demo, a benchmark or a test starts for itself."""
