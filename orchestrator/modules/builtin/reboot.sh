# A restart of the node. Needs the prelude.
#
# Values: boot_time_command reboot_command message test_command.

# say_boot: what changes with each start of the system
say_boot() {
	if [ -n "$boot_time_command" ]; then
		boot=$(sh -c "$boot_time_command") || die "$boot_time_command: exit $?"
	elif [ -r /proc/sys/kernel/random/boot_id ]; then
		IFS= read -r boot </proc/sys/kernel/random/boot_id
	else
		boot=$(sysctl -n kern.bootsessionuuid 2>/dev/null) || boot=$(sysctl -n kern.boottime) || die 'cannot tell one start from the next'
	fi
	say boot "$boot"
}

# start_reboot: in the background and two seconds from now, so that this program's result is out before the line drops
start_reboot() {
	if [ -n "$reboot_command" ]; then
		set -- sh -c "$reboot_command"
	else
		command -v shutdown >/dev/null || [ -x /sbin/shutdown ] || die 'there is no shutdown(8) in PATH'
		PATH=$PATH:/sbin:/usr/sbin
		set -- shutdown -r now "$message"
	fi
	[ -n "$reboot_command" ] || [ "$(id -u)" = 0 ] || die 'shutdown needs root: become: true'
	(trap '' HUP && sleep 2 && exec "$@") </dev/null >/dev/null 2>&1 3>&- &
	say begun true
}

# try_node: the user's word on whether the node is ready
try_node() {
	[ -z "$test_command" ] || sh -c "$test_command" >/dev/null 2>&1 || say unready "$?"
}
