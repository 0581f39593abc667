# Accounts of Linux. Needs user.sh. Source: useradd(8), usermod(8), userdel(8).

probe_linux() {
	entry=$(getent passwd "$name")
	shell_seen=${entry##*:}
	entry=${entry%:*}
	say shell "$shell_seen"
	say home "${entry##*:}"
	entry=${entry%:*}
	say comment "${entry##*:}"
	say hidden false
}

create_linux() {
	set --
	[ -z "$uid" ] || set -- "$@" -u "$uid"
	[ -z "$group" ] || set -- "$@" -g "$group"
	[ -z "$groups" ] || set -- "$@" -G "$groups"
	[ -z "$comment" ] || set -- "$@" -c "$comment"
	[ -z "$shell" ] || set -- "$@" -s "$shell"
	[ -z "$home" ] || set -- "$@" -d "$home"
	[ "$system_account" = false ] || set -- "$@" -r
	if [ "$create_home" = true ]; then set -- "$@" -m; else set -- "$@" -M; fi
	why=$(useradd "$@" -- "$name" 2>&1) || die "useradd $name: $why"
}

change_linux() {
	case $1 in
	uid) set -- -u "$uid" ;;
	group) set -- -g "$group" ;;
	comment) set -- -c "$comment" ;;
	shell) set -- -s "$shell" ;;
	home) if [ "$move_home" = true ]; then set -- -m -d "$home"; else set -- -d "$home"; fi ;;
	groups) if [ "$append" = true ]; then set -- -a -G "$groups"; else set -- -G "$groups"; fi ;;
	*) return 0 ;;
	esac
	why=$(usermod "$@" -- "$name" 2>&1) || die "usermod $name: $why"
}

remove_linux() {
	set --
	[ "$remove" = false ] || set -- -r
	why=$(userdel "$@" -- "$name" 2>&1) || id "$name" >/dev/null 2>&1 || return 0
	id "$name" >/dev/null 2>&1 || return 0
	die "userdel $name: $why"
}
