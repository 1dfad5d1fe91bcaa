"""What the figures should be: set before the engine was written, from a prototype and the peers on one machine."""

from hazard_flow.bench import Bar

#: (name, versus) → what the ratio, or the value where there is none, should be
BARS = {
    ("cpu_per_fire", "pgqueuer"): Bar(1 / 3, at_least=False),
    ("cpu_per_fire", "apscheduler"): Bar(1 / 6, at_least=False),
    ("cpu_per_fire", "procrastinate"): Bar(1 / 20, at_least=False),
    ("cpu_per_fire", "dbos"): Bar(1 / 40, at_least=False),
    ("cpu_per_fire", "per_row"): Bar(1 / 12, at_least=False),
    ("fires_per_second", "pgqueuer"): Bar(2.5, at_least=True),
    ("fires_per_second", "apscheduler"): Bar(8, at_least=True),
    ("fires_per_second", "procrastinate"): Bar(20, at_least=True),
    ("fires_per_second", "dbos"): Bar(40, at_least=True),
    ("fires_per_second", "pgbench"): Bar(2, at_least=True),
    ("fires_per_second_many_pending", "few_pending"): Bar(0.9, at_least=True),
    ("fires_per_second_two_workers", "one_worker"): Bar(1.4, at_least=True),
    ("fires_per_second_sqlite", "one_per_commit"): Bar(8, at_least=True),
    ("lag_p99", ""): Bar(25, at_least=False),
    ("lost", "kill_9"): Bar(0, at_least=False),
    ("doubled", "kill_9"): Bar(0, at_least=False),
    ("broken_chains", "kill_9"): Bar(0, at_least=False),
}
