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
