# One file keychain: look at it, take it away, or make it anew and empty. Passwords stand in the text that `security -i`
# reads from its standard input: in nobody's arguments, in no environment and in no file.
#
# The undo comes before the deed: a note beside the keychain keeps the default keychain that was there before ours; it
# stays as long as ours does. The search list needs none: ours is taken out of it by name, whatever else it holds.

keychain_paths() {
	case $keychain in
	/* | '~'*) home_path "$keychain" && file=$path ;;
	login) file=$HOME/Library/Keychains/login.keychain-db ;;
	*) file=$HOME/Library/Keychains/${keychain%.keychain-db}.keychain-db ;;
	esac
	case $file in
	*[\"\\]*) die "a keychain's path may hold no quote and no backslash: $file" ;;
	esac
	note=${file%/*}/.orch-undo-${file##*/}
	say file "$file"
}

# ask_lists: the search list, the default and the login keychain of this user
ask_lists() {
	probe list security list-keychains -d user
	probe default security default-keychain -d user
	probe login security login-keychain -d user
}

keychain_look() {
	keychain_paths
	[ ! -e "$file" ] || say present true
	[ ! -f "$note" ] || say note "$(cat "$note")"
	ask_lists
	if [ -e "$file" ]; then
		probe items security dump-keychain "$file"
		[ -z "$password_quoted" ] || ask_lock
	fi
	[ -z "$browsers" ] || probe browsers pgrep -x -u "$(id -u)" "$browsers"
	probes_say
}

# ask_lock: does the password open it, and how does it lock? Locked first, since an open keychain takes any password
ask_lock() {
	probe_shown='security -i: lock-keychain, unlock-keychain, show-keychain-info'
	probe_fed open "lock-keychain \"$file\"
unlock-keychain -p $password_quoted \"$file\"
show-keychain-info \"$file\"" security -i
}

# register_undo: what the default was before ours, kept until ours is gone
register_undo() {
	[ -f "$note" ] && return
	mkdir -p "${file%/*}" || die "${file%/*} cannot be made"
	(umask 077 && printf '%s\n' "$default_before" >"$note") || die "the undo note $note cannot be written"
}

# set_list: the search list becomes the lines of `search_list`
set_list() {
	IFS=$nl
	set -f
	# shellcheck disable=SC2086  # each line a path
	set -- $search_list
	set +f
	unset IFS
	probe set_list security list-keychains -d user -s "$@"
	probes_settle
}

# set_default: where it is not so already; empty leaves it
set_default() {
	[ -n "$default_after" ] || return 0
	probe set_default security default-keychain -d user -s "$default_after"
	probes_settle
}

take_away() {
	[ ! -e "$file" ] || probe delete security delete-keychain "$file"
	probes_settle
}

keychain_remove() {
	keychain_paths
	register_undo
	take_away
	set_list
	set_default
	[ -e "$file" ] || rm -f "$note"
	[ ! -e "$file" ] || say present true
	ask_lists
	probes_say
}

# keychain_renew: undo note, old one away, new one made, its locking set, an item written, read and deleted
keychain_renew() {
	keychain_paths
	register_undo
	take_away
	probe_shown='security -i: create-keychain, set-keychain-settings, unlock-keychain'
	probe_fed create "create-keychain -p $password_quoted \"$file\"
set-keychain-settings $settings \"$file\"
unlock-keychain -p $password_quoted \"$file\"" security -i
	probes_settle
	set_list
	set_default
	probe_shown='security -i: add-, find-, delete-generic-password'
	probe_fed verify "unlock-keychain -p $password_quoted \"$file\"
add-generic-password -a orch -s orch-rehearsal-check -w \"$check_word\" \"$file\"
find-generic-password -a orch -s orch-rehearsal-check -w \"$file\"
delete-generic-password -a orch -s orch-rehearsal-check \"$file\"" security -i
	probes_settle
	[ ! -e "$file" ] || say present true
	ask_lists
	[ ! -e "$file" ] || probe items security dump-keychain "$file"
	probes_say
}

# keychain_lists: the keychain itself is as it should be; only the search list and the default are put right
keychain_lists() {
	keychain_paths
	register_undo
	set_list
	set_default
	[ ! -e "$file" ] || say present true
	ask_lists
	probes_say
}
