# Who listens, as far as this user may see: netstat shows every user's sockets with their pids from macOS 13 on, lsof
# without root its own user's only, and is the second witness. ps says who descends from whom.

# listening: netstat's listening rows; with the heading, so that none is told apart from no answer
listening() {
	rows=$(netstat -anv -p tcp)
	netstat_rc=$?
	printf '%s\n' "$rows" | LC_ALL=C sed -n -e '/^Active/p' -e '/^Proto/p' -e '/LISTEN/p'
	return "$netstat_rc"
}

# ask_jobs: each label in the domain that has it; the number of its probe is its place in the list
ask_jobs() {
	number=0
	IFS=$nl
	set -f
	for label in $labels; do
		unset IFS
		number=$((number + 1))
		domain=gui/$uid
		launchctl print "$domain/$label" >/dev/null 2>&1 || domain=system
		probe_shown="launchctl print $domain/$label"
		probe "job$number" top_lines launchctl print "$domain/$label"
	done
	set +f
	unset IFS
}

ask_sockets() {
	probe_shown='netstat -anv -p tcp'
	probe sockets listening
	probe lsof lsof -nP -iTCP -sTCP:LISTEN -F pcLPnT
	probe ps ps -axww -o pid,ppid,pgid,user,comm
}

listeners_main() {
	uid=$(id -u)
	[ "$uid" != 0 ] || uid=${SUDO_UID:-0}
	ask_sockets
	ask_jobs
	probes_say
}
