# The packages that are installed, one a line: who lists it, and its fields, with tabs between. Needs the prelude.
#
# Values: managers strategy.

list_packages() {
	if [ -x /opt/homebrew/bin/brew ]; then PATH=$PATH:/opt/homebrew/bin; fi
	for manager in $managers; do
		listed=$("list_$manager" 2>/dev/null) && [ -n "$listed" ] || continue
		printf '%s\n' "$listed"
		[ "$strategy" = all ] || break
	done
	return 0
}

list_apt() {
	command -v dpkg-query >/dev/null || return
	dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${Section}\n' |
		awk -F '\t' 'substr($1, 2, 1) == "i" { printf "apt\t%s\t%s\t%s\t%s\n", $2, $3, $4, $5 }'
}

list_rpm() {
	command -v rpm >/dev/null || return
	rpm -qa --qf 'rpm\t%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n'
}

list_homebrew() {
	command -v brew >/dev/null || return
	brew list --versions | while read -r name versions; do
		for version in $versions; do printf 'homebrew\t%s\t%s\n' "$name" "$version"; done
	done
}
