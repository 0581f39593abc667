# Ruby gems. Needs the prelude, files and tool. Values: names (one) state version repository executable norc pre_release
# install_dir force check. $words are those of `gem install`.
#
# `gem query` prints "NAME (2.1.0, default: 2.0.1)"; RubyGems 4 knows it as `gem list` alone.

find_gem() {
	[ -n "$tool" ] || find_tool gem 'Ruby brings it: Homebrew has a recent one (brew install ruby).'
	[ -z "$install_dir" ] || { GEM_HOME=$install_dir && export GEM_HOME; }
}

# versions_of WORD…: the versions of the gem that `gem list` shows, a line each
versions_of() {
	queried=$("$tool" query ${norc:+"$norc"} "$@" -n "^$names\$" 2>/dev/null </dev/null) ||
		queried=$("$tool" list ${norc:+"$norc"} "$@" "^$names\$" </dev/null)
	printf '%s\n' "$queried" | sed -n "s/^$names (\\(.*\\))\$/\\1/p" |
		tr ',' "$nl" | sed 's/^ *//;s/^default: //;s/ .*//'
}

probe() {
	find_gem
	there=$(versions_of)
	case $state:$version in
	*:?*) listed "$version" "$there" || there='' ;;
	latest:*)
		set --
		[ "$pre_release" = false ] || set -- --prerelease
		[ -z "$repository" ] || set -- "$@" --source "$repository"
		newest=$(versions_of --remote "$@" | head -n 1)
		[ -z "$newest" ] || say newest "$newest"
		if [ -z "$newest" ]; then
			there=${there:+latest}
		elif [ -n "$there" ] && listed "$newest" "$there"; then there=latest; else there=${there:+outdated}; fi
		;;
	esac
	case $there in
	'') say "$kind:$names" absent ;;
	latest | outdated) say "$kind:$names" "$there" ;;
	*) say "$kind:$names" present ;;
	esac
}

apply() {
	find_gem
	if [ "$state" != absent ]; then
		with_words gem_install
		return
	fi
	set -- uninstall ${norc:+"$norc"}
	[ -z "$install_dir" ] || set -- "$@" --install-dir "$install_dir"
	if [ -n "$version" ]; then set -- "$@" --version "$version"; else set -- "$@" --all; fi
	[ "$force" = false ] || set -- "$@" --force
	do_tool "gem uninstall $names" "$@" --executable "$names"
}

gem_install() {
	[ -z "${newest-}" ] || set -- --version "$newest" "$@"
	do_tool "gem install $names" install ${norc:+"$norc"} "$@"
}
