# A service, by whatever runs services here: launchd, systemd, or the scripts of /etc/init.d. Needs the prelude.
#
# Values: name state pattern. On macOS the name is a job's label; its plist tells the domain.

service_runner() {
	if [ "$(uname)" = Darwin ]; then
		runner=launchd
		find_job
	elif command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
		runner=systemd
	elif [ -x "/etc/init.d/$name" ]; then
		runner=init
	else
		die "Could not find the requested service $name: host"
	fi
}

# find_job: sets `plist` and `domain` of the job
find_job() {
	for folder in "$HOME/Library/LaunchAgents" /Library/LaunchAgents /Library/LaunchDaemons /System/Library/LaunchDaemons; do
		plist=$folder/$name.plist
		[ -f "$plist" ] || continue
		case $folder in
		*LaunchDaemons) domain=system ;;
		*) domain=gui/$(id -u) ;;
		esac
		return
	done
	die "Could not find the requested service $name: no $name.plist among the LaunchAgents and LaunchDaemons"
}

probe() {
	service_runner
	case $runner in
	launchd)
		# a job that is loaded counts as started: launchd starts it on demand
		if launchctl print "$domain/$name" >/dev/null 2>&1; then say state started; else say state stopped; fi
		case $(launchctl print-disabled "$domain" 2>/dev/null) in
		*"\"$name\" => disabled"* | *"\"$name\" => true"*) say enabled false ;;
		*) say enabled true ;;
		esac
		;;
	systemd)
		if systemctl is-active --quiet -- "$name"; then say state started; else say state stopped; fi
		if systemctl is-enabled --quiet -- "$name" 2>/dev/null; then say enabled true; else say enabled false; fi
		;;
	init)
		if "/etc/init.d/$name" status >/dev/null 2>&1; then say state started; else say state stopped; fi
		enabled=false
		for link in /etc/rc[2345].d/S??"$name"; do [ ! -e "$link" ] || enabled=true; done
		say enabled "$enabled"
		;;
	esac
}

apply() {
	service_runner
	for field in $changed; do
		case $field in
		state) turn "$state_wanted" ;;
		enabled) set_enabled ;;
		esac || return
	done
}

# turn STATE: started, stopped, restarted or reloaded
turn() {
	case $runner:$1 in
	launchd:started) set -- launchctl bootstrap "$domain" "$plist" ;;
	launchd:stopped) set -- launchctl bootout "$domain/$name" ;;
	launchd:restarted) set -- launchctl kickstart -k "$domain/$name" ;;
	launchd:reloaded) set -- launchctl kill SIGHUP "$domain/$name" ;;
	systemd:started) set -- systemctl start -- "$name" ;;
	systemd:stopped) set -- systemctl stop -- "$name" ;;
	systemd:restarted) set -- systemctl restart -- "$name" ;;
	systemd:reloaded) set -- systemctl reload -- "$name" ;;
	init:started) set -- "/etc/init.d/$name" start ;;
	init:stopped) set -- "/etc/init.d/$name" stop ;;
	init:restarted) set -- "/etc/init.d/$name" restart ;;
	init:reloaded) set -- "/etc/init.d/$name" reload ;;
	esac
	why=$("$@" 2>&1 </dev/null) || die "$1 ${2-} $name: $why"
}

set_enabled() {
	case $runner:$enabled_wanted in
	launchd:true) set -- launchctl enable "$domain/$name" ;;
	launchd:false) set -- launchctl disable "$domain/$name" ;;
	systemd:true) set -- systemctl enable -- "$name" ;;
	systemd:false) set -- systemctl disable -- "$name" ;;
	init:true) set -- update-rc.d "$name" defaults ;;
	init:false) set -- update-rc.d "$name" remove ;;
	esac
	why=$("$@" 2>&1) || die "$1 $2 $name: $why"
}

# again: restarts or reloads; a job that is not loaded is started instead
again() {
	service_runner
	if [ "$runner" = launchd ] && ! launchctl print "$domain/$name" >/dev/null 2>&1; then
		turn started
	else
		turn "$state_wanted"
	fi
}
