"""The devices in the field: what is known of each, what it said last, how it is drawn, and when its calibration ends."""
