"""Accidents and near misses: what happened, its class, who reported it to whom in time, and what is learnt at similar places."""
