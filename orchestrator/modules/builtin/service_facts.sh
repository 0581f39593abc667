# Services of a Linux node. A Mac has no service(8).

list_services() {
	[ ! -d /run/systemd/system ] || die 'of systemd services nothing is told here: use a command task with systemctl'
	command -v service >/dev/null || return 0
	LC_ALL=C service --status-all 2>/dev/null || :
}
