# A task that runs apart from the program that begins it (async). Its claim is the beginning; its result goes to a
# directory beside the claims, which goes with them at the end of the run. By then it may still be at work: it goes on,
# and what it leaves is its own business, as with Ansible's "fire and forget".
# shellcheck shell=sh
# shellcheck disable=SC2030,SC2031  # in the background orch_claim is another one, and is to be
# shellcheck disable=SC2034,SC2154  # orch_spool and orch_clock are the session's; job_name and job_main the program's values

# job_begin runs $job_main, a function and its arguments, in the background, with this program's standard input. The files
# are opened before: when the job comes to run, the run may have ended, and its directory may be gone.
job_begin() {
	job_dir=$orch_spool/job.$job_name
	mkdir "$job_dir" || die "$job_dir cannot be made"
	exec 4<&0 5>>"$job_dir/job.out" 6>>"$job_dir/job.err" 7>>"$job_dir/job.said"
	(
		orch_claim=$job_dir/job # what it leaves, and the marks of what it says: this program's claim is soon forgotten
		orch_clock=$job_dir/clock
		# shellcheck disable=SC2086  # a function and its arguments are words
		($job_main) <&4 >&5 2>&6 3>&7 4<&- 5>&- 6>&- 7>&-
		printf '%s\n' "$?" >"$job_dir/rc.new" && mv "$job_dir/rc.new" "$job_dir/rc"
	) >/dev/null 2>&1 3>&- &
	printf '%s\n' "$!" >"$job_dir/pid"
}

# job_look leaves what the job left, once it has ended; until then it says so.
job_look() {
	job_dir=$orch_spool/job.$job_name
	IFS= read -r job_pid <"$job_dir/pid" || die "$job_dir is gone"
	job_state=running
	kill -s 0 "$job_pid" 2>/dev/null || job_state=lost
	if [ -s "$job_dir/rc" ]; then
		IFS= read -r job_rc <"$job_dir/rc"
		[ ! -e "$job_dir/job.ill" ] || true >"$orch_claim.ill"
		true >"$orch_claim.long" # nobody has counted what follows
		cat "$job_dir/job.said" >&3
		cat "$job_dir/job.err" >&2
		cat "$job_dir/job.out"
		exit "$job_rc"
	fi
	say job "$job_state"
}

# job_stop ends the job and everything below it.
job_stop() {
	IFS= read -r job_pid <"$orch_spool/job.$job_name/pid" || return 0
	job_below=$(orch_below "$job_pid")
	# shellcheck disable=SC2086  # pids are words
	kill -s TERM "$job_pid" $job_below 2>/dev/null
	sleep 0.2
	# shellcheck disable=SC2086  # pids are words
	kill -s KILL "$job_pid" $job_below 2>/dev/null
	return 0
}
