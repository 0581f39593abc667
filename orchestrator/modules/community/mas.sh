# Apps of the Mac App Store. Needs the prelude, files and tool. Values: names (numbers) state check.
#
# `mas list` and `mas outdated` print lines that begin with the app's number; what they print for nobody's account is
# on stderr. Signing in cannot be asked for since macOS 12, so a refusal is told in mas's own words.

find_mas() {
	[ -n "$tool" ] || find_tool mas 'Homebrew brings it: brew install mas'
}

probe() {
	find_mas
	apps=$("$tool" list </dev/null | awk '{ print $1 }')
	[ "$state" != latest ] || outdated=$("$tool" outdated </dev/null | awk '{ print $1 }')
	for name in $names; do
		if ! listed "$name" "$apps"; then
			say "$kind:$name" absent
		elif [ "$state" = latest ]; then
			if listed "$name" "$outdated"; then say "$kind:$name" outdated; else say "$kind:$name" latest; fi
		else
			say "$kind:$name" present
		fi
	done
}

apply() {
	find_mas
	if [ "$state" = absent ] && [ "$(id -u)" != 0 ]; then die 'mas uninstall needs root: say become: true'; fi
	for field in $changed; do
		name=${field#*:}
		case $state in
		absent) do_tool "mas uninstall $name" uninstall "$name" ;;
		latest) if listed "$field=absent" "$records"; then verb=install; else verb=upgrade; fi && do_tool "mas $verb $name" "$verb" "$name" ;;
		*) do_tool "mas install $name" install "$name" ;;
		esac
	done
}

mas_upgrade() {
	find_mas
	outdated=$("$tool" outdated </dev/null | grep -c .)
	say outdated "$outdated"
	[ "$outdated" -gt 0 ] || return 0
	[ "$check" = true ] || do_tool 'mas upgrade' upgrade
}
