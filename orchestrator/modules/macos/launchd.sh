# One job of launchd's: look at it, give one order, replace its plist. What each answer means is decided on the
# controller; nothing here waits for a job, since launchd works on after a command has returned.

# aim sets `target` from `label` and `domain`; gui and user stand for those of the user who logged in
aim() {
	uid=$(id -u)
	[ "$uid" != 0 ] || uid=${SUDO_UID:-0}
	case $domain in
	gui | user) domain=$domain/$uid ;;
	esac
	target=$domain/$label
	say domain "$domain"
}

ask_job() {
	probe_shown="launchctl print $target"
	probe job top_lines launchctl print "$target"
	probe_shown="launchctl print $domain"
	probe domain top_lines launchctl print "$domain"
	probe disabled launchctl print-disabled "$domain"
}

look() {
	aim
	ask_job
	probes_say
}

# order: `verb` is one of launchctl's that take a target; its answer is the probe "order"
order() {
	aim
	case $verb in
	kickstart-k) probe order launchctl kickstart -k "$target" ;;
	bootstrap) probe order launchctl bootstrap "$domain" "$plist" ;;
	stop) probe order launchctl kill SIGTERM "$target" ;;
	*) probe order launchctl "$verb" "$target" ;;
	esac
	probes_settle
	ask_job
	probes_say
}

# plist_path: where the job's plist is or goes, `plist` where it is given
plist_path() {
	case $plist:$domain in
	?*:*) home_path "$plist" && plist=$path ;;
	:gui/* | :user/*) plist=$HOME/Library/LaunchAgents/$label.plist ;;
	:*) plist=/Library/LaunchDaemons/$label.plist ;;
	esac
	say plist "$plist"
}

look_plist() {
	aim
	plist_path
	ask_job
	[ ! -e "$plist" ] || probe plist plutil -convert xml1 -o - "$plist"
	probes_say
}

# write_plist: `content` beside the plist, checked, then renamed over it; the old one stays until the new one is good
write_plist() {
	aim
	plist_path
	mkdir -p "${plist%/*}" || die "${plist%/*} cannot be made"
	fresh=$(umask 077 && mktemp "${plist%/*}/.orch-plist.XXXXXX") || die "${plist%/*} cannot be written to"
	trap 'rm -f "$fresh"' EXIT
	printf '%s' "$content" >"$fresh" || die "$fresh cannot be written"
	said=$(plutil -lint "$fresh" 2>&1) || die "plutil finds the new plist faulty: $said"
	chmod "$mode" "$fresh" || die "the mode $mode cannot be set"
	mv -f "$fresh" "$plist" || die "$plist cannot be replaced"
}

# hook: a command line of the user's, as the shell module would run it
hook() {
	probe_shown='the command given'
	probe hook sh -c "$command"
	probes_say
}

ready_url() {
	probe ready curl -fsS -o /dev/null --max-time 5 "$url"
	probes_say
}
