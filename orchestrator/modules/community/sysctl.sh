# A setting of the running kernel. Needs the prelude. Values: setting value ignore check.

sysctl_set() {
	command -v sysctl >/dev/null || { [ -x /usr/sbin/sysctl ] && PATH=$PATH:/usr/sbin; } || die 'sysctl is not on this node'
	if ! before=$(sysctl -n "$setting" 2>&1); then
		[ "$ignore" = true ] || die "sysctl $setting: $before"
		return 0
	fi
	# the kernel separates several numbers by tabs
	[ "$(printf '%s' "$before" | tr -s '\t ' '  ')" != "$value" ] || return 0
	say before "$before"
	say changed true
	[ "$check" = false ] || return 0
	why=$(sysctl "$setting=$value" 2>&1) || die "Failed to set $setting: $why"
}

# sysctl_reload: the settings of a file that has changed, taken by a kernel of Linux; a Mac's sysctl reads no file
sysctl_reload() {
	[ "$(uname)" = Linux ] && [ "$check" = false ] || return 0
	command -v sysctl >/dev/null || { [ -x /usr/sbin/sysctl ] && PATH=$PATH:/usr/sbin; } || return 0
	case $ignore in true) why=$(sysctl -e -p "$file" 2>&1) ;; *) why=$(sysctl -p "$file" 2>&1) ;; esac ||
		die "Failed to reload sysctl: $why"
}
