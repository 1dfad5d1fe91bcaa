"""The papers a hazard brings forth on its way (文书): notices, orders, opinions, each a pure function of the record up to one event."""
