"""The regulator's supervision of daily work: lines of work against plan, tasks, unannounced checks, re-checks of records."""
