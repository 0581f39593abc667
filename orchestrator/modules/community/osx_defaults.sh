# One key of a preference domain. Needs the prelude and files.
#
# Values: verb (write, delete or empty) domain key host. The words follow the key in `defaults write`.
# `defaults` exits 1 for a key or domain that is not there and says so on stderr; those words decide, since it also exits 1
# where it may not look.

preferences() {
	case $host in
	'') defaults "$@" ;;
	currentHost) defaults -currentHost "$@" ;;
	*) defaults -host "$host" "$@" ;;
	esac
}

defaults_main() {
	command -v defaults >/dev/null || die 'defaults is not on this node: it is a part of macOS'
	case $domain in '~'* | *'$'*) expand "$domain" && domain=$path ;; esac
	case $verb in
	write) why=$(preferences write "$domain" "$key" "$@" 2>&1) || die "An error occurred while writing value to defaults: $why" ;;
	delete) why=$(preferences delete "$domain" "$key" 2>&1) || die "An error occurred while deleting key from defaults: $why" ;;
	esac
	[ -z "$key" ] || read_key
}

read_key() {
	type=$(preferences read-type "$domain" "$key" 2>&1) || {
		case $type in
		*'does not exist'*) return 0 ;;
		*) die "An error occurred while reading key type from defaults: $type" ;;
		esac
	}
	type=${type##*Type is }
	say type "$type"
	case $type in
	array) # whose text is not exact
		exported=$(preferences export "$domain" - 2>/dev/null) && [ -n "$exported" ] && {
			printf '%s\n' "$exported"
			return
		}
		;;
	dictionary)
		preferences export "$domain" - || die "defaults export $domain: exit $?"
		return
		;;
	esac
	value=$(preferences read "$domain" "$key" && printf .) || die "defaults read $domain $key: exit $?"
	value=${value%.}
	say value "${value%"$nl"}"
}
