"""The web kernel: frame, sign-in, errors, forms, panels, the root of the API, health and help. It knows no feature."""
