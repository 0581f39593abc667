# Accounts of macOS. Needs user.sh. Source: dscl(1), createhomedir(8), dseditgroup(8).

# record_of KEY: the value of a key of the account; dscl puts values with blanks on a line of their own
record_of() {
	value=$(dscl . -read "/Users/$name" "$1" 2>/dev/null) || return 0
	value=${value#*:}
	value=${value#"$nl"}
	printf '%s' "${value# }"
}

probe_darwin() {
	say comment "$(record_of RealName)"
	say shell "$(record_of UserShell)"
	account_home
	say home "$home_seen"
	# of Linux alone; Ansible passes over them on a Mac
	say password_lock "$password_lock"
	say expires "$expires_days"
	case $password_expire_max$password_expire_min$password_expire_warn$password_expire_account_disable in
	?*) die 'password_expire_…: macOS has no chage(1); use a command task with pwpolicy(8)' ;;
	esac
	say is_mac true
	case $(record_of IsHidden) in 1 | true | YES) say hidden true ;; *) say hidden false ;; esac
}

set_record() {
	why=$(dscl . -create "/Users/$name" "$1" "$2" 2>&1) || die "dscl -create /Users/$name $1: $why"
}

# free_uid: one more than the largest that is taken, from 501 on (system accounts: below 500)
free_uid() {
	limit=500
	[ "$system_account" = false ] || limit=199
	dscl . -list /Users UniqueID | awk -v limit="$limit" -v system_account="$system_account" '
		system_account == "true" && $2 >= 500 { next }
		$2 > limit { limit = $2 }
		END { print limit + 1 }'
}

create_darwin() {
	why=$(dscl . -create "/Users/$name" 2>&1) || die "dscl -create /Users/$name: $why"
	set_record UniqueID "${uid:-$(free_uid)}"
	set_record PrimaryGroupID "$(group_number "${group:-staff}")"
	set_record UserShell "${shell:-/bin/bash}"
	set_record RealName "${comment:-$name}"
	set_record NFSHomeDirectory "${home:-/Users/$name}"
	[ "$create_home" = false ] || make_home
	[ "$system_account" = false ] || hidden=${hidden:-true}
	for field in groups hidden; do change_darwin "$field" || return; done
}

group_number() {
	case $1 in
	*[!0-9]*)
		number=$(dscl . -read "/Groups/$1" PrimaryGroupID 2>/dev/null) || die "Group $1 does not exist"
		printf '%s' "${number##* }"
		;;
	*) printf '%s' "$1" ;;
	esac
}

change_darwin() {
	case $1 in
	uid) [ -z "$uid" ] || set_record UniqueID "$uid" ;;
	group) [ -z "$group" ] || set_record PrimaryGroupID "$(group_number "$group")" ;;
	comment) set_record RealName "$comment" ;;
	shell) set_record UserShell "$shell" ;;
	home) set_record NFSHomeDirectory "$home" ;;
	hidden) case $hidden in true) set_record IsHidden 1 ;; false) set_record IsHidden 0 ;; esac ;;
	groups) memberships_darwin ;;
	esac
}

memberships_darwin() {
	IFS=,
	# shellcheck disable=SC2086 # names, separated by commas
	set -- $groups
	unset IFS
	for one; do
		why=$(dseditgroup -o edit -a "$name" -t user "$one" 2>&1) || die "dseditgroup -a $name $one: $why"
	done
	[ "$append" = false ] && [ -n "$groups_given" ] || return 0
	for one in $(id -Gn "$name"); do
		case ,$groups,$(id -gn "$name"),everyone,localaccounts, in *",$one,"*) continue ;; esac
		case $one in _* | com.apple.* | ABC*) continue ;; esac
		why=$(dseditgroup -o edit -d "$name" -t user "$one" 2>&1) || die "dseditgroup -d $name $one: $why"
	done
}

remove_darwin() {
	path=$(record_of NFSHomeDirectory)
	why=$(dscl . -delete "/Users/$name" 2>&1) || die "dscl -delete /Users/$name: $why"
	case $remove$force:$path in *true*:/Users/?*) rm -rf -- "$path" ;; esac
}
