"""The broker beside us: the configuration we ship for mosquitto, and a look at the one that runs."""
