# Public keys from a URL. Needs the prelude. Values: url insecure.

fetch_keys() {
	command -v curl >/dev/null || die 'curl is not on this node, so the keys cannot be fetched'
	curl -fsSL ${insecure:+"$insecure"} --max-time 60 -- "$url" || die "error getting key from: $url (curl: exit $?)"
}
