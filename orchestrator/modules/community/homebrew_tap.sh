# Homebrew's taps. Needs the prelude, files, tool and homebrew. Values: names state url brew_folders check.

probe() {
	find_brew
	taps=$("$tool" tap </dev/null) || die "brew tap: exit $?"
	for name in $names; do
		if listed "$name" "$taps"; then say "$kind:$name" present; else say "$kind:$name" absent; fi
	done
}

apply() {
	find_brew
	for field in $changed; do
		name=${field#*:}
		case $state in
		absent) do_tool "brew untap $name" untap "$name" ;;
		*) do_tool "brew tap $name" tap "$name" ${url:+"$url"} ;;
		esac
	done
}
