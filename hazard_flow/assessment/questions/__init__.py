"""Questions: a filter and groups saved under a name, answered within the reader's scope, exported, sent by mail when due."""
