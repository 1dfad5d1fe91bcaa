"""The radar: where closings look untrue or dangers are forgotten. Ranked and explained; it accuses nobody, it says where to look."""
