# Accounts of Linux. Needs user.sh. Source: useradd(8), usermod(8), userdel(8).

# account_home: sets `home_seen` to the home that the account has
account_home() {
	case $(uname) in
	Darwin) home_seen=$(record_of NFSHomeDirectory) ;;
	*) home_seen=$(getent passwd "$name" | cut -d: -f6) ;;
	esac
}

probe_linux() {
	entry=$(getent passwd "$name")
	shell_seen=${entry##*:}
	entry=${entry%:*}
	home_seen=${entry##*:}
	say shell "$shell_seen"
	say home "$home_seen"
	entry=${entry%:*}
	say comment "${entry##*:}"
	say hidden "${hidden:-false}"
	[ -r /etc/shadow ] || return 0
	case $(shadow_field 2) in '!'*) say password_lock true ;; *) say password_lock false ;; esac
	say password_expire_min "$(shadow_field 4)"
	say password_expire_max "$(shadow_field 5)"
	say password_expire_warn "$(shadow_field 6)"
	say password_expire_account_disable "$(shadow_field 7)"
	# an account that is in passwd alone has nothing there that could be as it is wanted
	[ -z "$(shadow_field 1)" ] || say expires "$(shadow_field 8)"
}

# known_groups NAMES: fails for one of them, which are joined by commas, that nobody knows
known_groups() {
	IFS=,
	for one in $1; do
		[ -z "$one" ] || getent group "$one" >/dev/null || die "Group $one does not exist"
	done
	unset IFS
}

# ran WORD…: a command of the shadow tools; what it writes is the reason where it fails
ran() {
	why=$("$@" 2>&1) && return
	say rc "$?"
	die "$why$nl"
}

create_linux() {
	known_groups "$group,$groups"
	set --
	[ -z "$uid" ] || set -- "$@" -u "$uid"
	if [ -n "$group" ]; then
		set -- "$@" -g "$group"
	elif getent group "$name" >/dev/null; then
		set -- "$@" -N # else useradd would make a group of that name, and fail
	fi
	[ -z "$groups" ] || set -- "$@" -G "$groups"
	[ -z "$comment" ] || set -- "$@" -c "$comment"
	[ -z "$shell" ] || set -- "$@" -s "$shell"
	[ -z "$home" ] || set -- "$@" -d "$home"
	[ "$system_account" = false ] || set -- "$@" -r
	[ "$non_unique" = false ] || set -- "$@" -o
	[ -z "$skeleton" ] || set -- "$@" -k "$skeleton"
	[ -z "$umask" ] || set -- "$@" -K "UMASK=$umask"
	[ -z "$uid_min" ] || set -- "$@" -K "UID_MIN=$uid_min"
	[ -z "$uid_max" ] || set -- "$@" -K "UID_MAX=$uid_max"
	if [ "$create_home" = true ]; then set -- "$@" -m; else set -- "$@" -M; fi
	ran useradd "$@" -- "$name"
}

change_linux() {
	case $1 in
	uid) if [ "$non_unique" = true ]; then set -- -o -u "$uid"; else set -- -u "$uid"; fi ;;
	group)
		known_groups "$group"
		set -- -g "$group"
		;;
	comment) set -- -c "$comment" ;;
	shell) set -- -s "$shell" ;;
	home) if [ "$move_home" = true ]; then set -- -m -d "$home"; else set -- -d "$home"; fi ;;
	groups)
		known_groups "$groups"
		if [ "$append" = true ]; then set -- -a -G "$groups"; else set -- -G "$groups"; fi
		;;
	expires) set -- -e "$expires" ;;
	password_lock) if [ "$password_lock" = true ]; then set -- -L; else set -- -U; fi ;;
	password_expire_*)
		change_age "$1"
		return
		;;
	*) return 0 ;;
	esac
	ran usermod "$@" -- "$name"
}

# change_age FIELD: how long passwords hold, by chage(1)
change_age() {
	case $1 in
	*_max) set -- -M "$password_expire_max" ;;
	*_min) set -- -m "$password_expire_min" ;;
	*_warn) set -- -W "$password_expire_warn" ;;
	*) set -- -I "$password_expire_account_disable" ;;
	esac
	why=$(chage "$@" "$name" 2>&1) || die "chage $name: $why"
}

# only_our_shell: true if userdel(8) said in $why that the account is in use, and all that uses it is our own shell there
only_our_shell() {
	case $why in *'currently used by process'*) ;; *) return 1 ;; esac
	# shellcheck disable=SC2044 # the names below /proc are numbers
	for process in $(find /proc -maxdepth 1 -user "$name" 2>/dev/null); do
		case $(tr '\0' ' ' 2>/dev/null <"$process/cmdline") in
		'' | *' -s orch.'*'/.orch-'*) ;;
		*) return 1 ;;
		esac
	done
}

remove_linux() {
	set --
	[ "$remove" = false ] || set -- -r
	why=$(userdel "$@" -- "$name" 2>&1) || ! only_our_shell || why=$(userdel -f "$@" -- "$name" 2>&1) || :
	removal=$why
	id "$name" >/dev/null 2>&1 || return 0
	die "userdel $name: $why"
}
