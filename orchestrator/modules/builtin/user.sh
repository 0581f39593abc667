# An account, by macOS's dscl(1) or Linux's shadow tools. Needs the prelude.
#
# Values: name state uid group groups append comment shell home create_home move_home remove password update_password
# hidden system_account check.

probe() {
	if ! id "$name" >/dev/null 2>&1; then
		say state absent
		return
	fi
	say state present
	say uid "$(id -u "$name")"
	case $group in *[!0-9]* | '') say group "$(id -gn "$name")" ;; *) say group "$(id -g "$name")" ;; esac
	say groups "$(seen_groups)"
	case $(uname) in
	Darwin) probe_darwin ;;
	*) probe_linux ;;
	esac
	probe_password
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
	for one in $groups; do case ,$others, in *",$one,"*) ;; *) fits=false ;; esac; done
	if [ "$append" = false ]; then
		for one in $others; do case ,$groups, in *",$one,"*) ;; *) fits=false ;; esac; done
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
	stored=$(awk -F: -v user="$name" '$1 == user { print $2 }' /etc/shadow)
	[ "$stored" != "$password" ] || say password kept
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
		*) case $tools in darwin) change_darwin "$field" ;; *) change_linux "$field" ;; esac ;;
		esac || return
	done
	password_done=true
}

set_password() {
	# both tools read it from their stdin: it is in no argument list
	case $tools in
	darwin) printf 'passwd /Users/%s %s\n' "$name" "$password" | dscl . >/dev/null ;;
	*) printf '%s:%s\n' "$name" "$password" | chpasswd -e ;;
	esac || die "could not set the password of $name (exit $?)"
}
