"""What waits: the fleet, a host's run, a task's run."""
