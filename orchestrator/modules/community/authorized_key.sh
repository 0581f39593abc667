# Public keys from a URL or from a file of the node. Needs the prelude. Values: url insecure.

fetch_keys() {
	case $url in
	file*)
		key_file=/${url#"${url%%/*}"} key_file=/${key_file#"${key_file%%[!/]*}"}
		[ -e "$key_file" ] || die "Path to a key file not found: $key_file"
		[ -f "$key_file" ] || die "Path to a key is a directory and must be a file: $key_file"
		cat -- "$key_file" || die "Failed to read key file $key_file"
		return
		;;
	esac
	command -v curl >/dev/null || die 'curl is not on this node, so the keys cannot be fetched'
	curl -fsSL ${insecure:+"$insecure"} --max-time 60 -- "$url" || die "error getting key from: $url (curl: exit $?)"
}
