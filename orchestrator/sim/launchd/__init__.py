"""
launchd of a simulated Mac: one process that really starts, watches, throttles, restarts and ends jobs.

`plist` says what a job is, `job` lives its life, `domain` holds the jobs of system, gui/UID and user/UID, `machine`
holds the domains, `verbs` answers launchctl, `printing` writes its texts, `server` is the process.
"""
