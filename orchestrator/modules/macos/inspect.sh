# What tenants leave on a rented Mac, by kinds. Nothing here changes the node, needs root or opens a dialog; what only root
# may see is asked all the same, and its refusal is an answer. Each item is a line of its probe's answer.
#
# `gone`: paths that must not exist, one a line.

# keys_of FILE: the fingerprint and comment of each key; the keys themselves stay here
keys_of() {
	[ -e "$1" ] || return 0
	ssh-keygen -l -f "$1"
}

# plists FOLDER: names of what is loaded from there at boot or login
plists() {
	[ -d "$1" ] || return 0
	ls "$1"
}

users() {
	dscl . -list /Users UniqueID
}

# own_remains: what a run of ours, as this user, left when it was cut off; except what this run uses now
own_remains() {
	spool=${orch_spool-none}
	uid=$(id -u)
	tmp=${orch_tmp:-${TMPDIR:-/tmp}}
	for place in "${tmp%/}/.orch-$uid"-* "${tmp%/}"/.orch-probe* "$HOME"/Library/Keychains/.orch-* \
		"$HOME"/Library/LaunchAgents/.orch-*; do
		case $place in
		*'*' | */"${probe_dir##*/}" | */"${spool##*/}") ;;
		*) printf '%s\n' "$place" ;;
		esac
	done
}

still_there() {
	IFS=$nl
	set -f
	for place in $gone; do
		unset IFS
		home_path "$place"
		if [ -e "$path" ] || [ -L "$path" ]; then printf '%s\n' "$path"; fi
	done
	set +f
	unset IFS
}

inspect_main() {
	probe_shown="ssh-keygen -l -f $HOME/.ssh/authorized_keys"
	probe authorized_keys keys_of "$HOME/.ssh/authorized_keys"
	probe_shown='ssh-keygen -l -f /var/root/.ssh/authorized_keys'
	probe root_keys keys_of /var/root/.ssh/authorized_keys
	probe_shown="ls $HOME/Library/LaunchAgents"
	probe user_agents plists "$HOME/Library/LaunchAgents"
	probe_shown='ls /Library/LaunchAgents'
	probe agents plists /Library/LaunchAgents
	probe_shown='ls /Library/LaunchDaemons'
	probe daemons plists /Library/LaunchDaemons
	probe profiles profiles list
	probe_shown='ls /etc/sudoers.d'
	probe sudoers plists /etc/sudoers.d
	probe_shown='dscl . -list /Users UniqueID'
	probe users users
	probe login_items sfltool dumpbtm
	probe crontab crontab -l
	probe_shown='ls -d .orch*'
	probe remains own_remains
	probe_shown='the paths in gone'
	probe gone still_there
	probes_say
}
