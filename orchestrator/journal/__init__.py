"""Events to disk and back.

``store.Journal`` writes one run, ``reading.open_run`` and ``reading.list_runs`` find what was written,
``home.state_dir`` is where, and ``budget.Notes`` remembers restarts across runs.
"""
