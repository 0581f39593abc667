# An account, by macOS's dscl(1) or Linux's shadow tools. Needs the prelude.
#
# Values: the arguments by their names, with groups as one word (groups_given: whether there are any), expires as a date
# (expires_days: in days), system_account for system; password_done and key_done are empty; check.

# tell_paths: what a leading ~ in $path_home, $path_shell and $path_ssh_key_file stands for
tell_paths() {
	for each in "home=$path_home" "shell=$path_shell" "ssh_key_file=$path_ssh_key_file"; do
		[ -n "${each#*=}" ] || continue
		home_path "${each#*=}"
		say "${each%%=*}" "$path"
	done
}

removal=''

probe() {
	[ -z "$removal" ] || say removal "$removal"
	if ! id "$name" >/dev/null 2>&1; then
		say state absent
		return
	fi
	say state present
	say uid "$(id -u "$name")"
	say gid "$(id -g "$name")"
	case $group in *[!0-9]* | '') say group "$(id -gn "$name")" ;; *) say group "$(id -g "$name")" ;; esac
	say groups "$(seen_groups)"
	case $(uname) in
	Darwin) probe_darwin ;;
	*) probe_linux ;;
	esac
	probe_password
	[ ! -d "$home_seen" ] || say home_there true
	[ "$generate_ssh_key" = false ] || probe_key
}

# seen_groups: the wanted list where it fits – all of it with $append, nothing else without – else what there is
seen_groups() {
	others=''
	primary=$(id -gn "$name")
	for one in $(id -Gn "$name"); do
		# every account of macOS is in groups that nobody gave it
		case $one in "$primary" | everyone | localaccounts | _* | com.apple.* | ABC*) continue ;; esac
		others="$others,$one"
	done
	others=${others#,}
	fits=true
	IFS=,
	named=''
	for one in $groups; do
		case $one in *[!0-9]*) ;; *) found=$(getent group "$one" 2>/dev/null) && one=${found%%:*} ;; esac
		named=$named,$one
	done
	for one in ${named#,}; do case ,$others, in *",$one,"*) ;; *) fits=false ;; esac; done
	if [ "$append" = false ]; then
		for one in $others; do case $named, in *",$one,"*) ;; *) fits=false ;; esac; done
	fi
	unset IFS
	if [ "$fits" = true ]; then printf '%s' "$groups"; else printf '%s' "$others"; fi
}

# probe_password: `kept` unless it is to be set; macOS does not tell what it is, so `always` sets it each time there
probe_password() {
	if [ "$update_password" = on_create ] || [ "$password_done" = true ]; then
		say password kept
		return
	fi
	[ -r /etc/shadow ] || return 0
	stored=$(shadow_field 2)
	# what stands behind the sign of a lock counts
	[ "${stored#"${stored%%[!!]*}"}" != "${password#"${password%%[!!]*}"}" ] || say password kept
}

# shadow_field NUMBER: a field of the account's line in /etc/shadow
shadow_field() {
	awk -F: -v user="$name" -v number="$1" '$1 == user { print $number }' /etc/shadow
}

apply() {
	case $(uname) in Darwin) tools=darwin ;; *) tools=linux ;; esac
	if [ "$state" = absent ]; then
		case $tools in darwin) remove_darwin ;; *) remove_linux ;; esac
		return
	fi
	case " $changed " in
	*' state '*)
		case $tools in darwin) create_darwin ;; *) create_linux ;; esac || return
		;;
	esac
	for field in $changed; do
		case $field in
		state) ;;
		password) set_password ;;
		home_there) make_home ;;
		ssh_key) ;;
		*) case $tools in darwin) change_darwin "$field" ;; *) change_linux "$field" ;; esac ;;
		esac || return
		# another home than the one that was seen to be there
		case $field:$create_home in home:true) make_home ;; esac
	done
	password_done=true
	# the last, since it needs the home
	case " $changed " in *' ssh_key '*) make_key ;; esac
}

# make_home: the home of the account as it is now, with what a new one begins with
make_home() {
	account_home
	[ ! -d "$home_seen" ] || return 0
	case $tools in
	darwin) createhomedir -c -u "$name" >/dev/null 2>&1 && [ -d "$home_seen" ] && return ;;
	esac
	why=$(mkdir -p "$home_seen" 2>&1) || die "could not make $home_seen: $why"
	from=${skeleton:-/etc/skel}
	[ ! -d "$from" ] || why=$(cp -R "$from/." "$home_seen/" 2>&1) || die "could not copy $from: $why"
	why=$(chmod 755 "$home_seen" 2>&1 && chown -R "$name:$(id -g "$name")" "$home_seen" 2>&1) ||
		die "could not give $home_seen to $name: $why"
}

set_password() {
	# both tools read it from their stdin: it is in no argument list
	case $tools in
	darwin) printf 'passwd /Users/%s %s\n' "$name" "$password" | dscl . >/dev/null ;;
	*)
		lock=''
		[ "$password_lock" != true ] || lock='!'
		printf '%s:%s\n' "$name" "$lock$password" | chpasswd -e
		;;
	esac || die "could not set the password of $name (exit $?)"
}
