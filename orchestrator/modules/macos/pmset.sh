# Power settings: look at them, and set those that differ. Setting needs root (become).

pmset_look() {
	probe pmset pmset -g
	probes_say
}

# pmset_apply: `pairs` is NAME and VALUE in turns, one a line
pmset_apply() {
	IFS=$nl
	set -f
	# shellcheck disable=SC2086  # each line a word
	set -- $pairs
	set +f
	unset IFS
	probe set pmset -a "$@"
	probes_settle
	probe pmset pmset -g
	probes_say
}
