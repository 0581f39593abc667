# Homebrew's formulae and casks. Needs the prelude, files and tool.
#
# Values: names (blank-separated) state kind_flag (--formula, --cask or empty) greedy upgrade_words brew_folders
# update_homebrew upgrade_all all_of_them accept_external_apps sudo_password check. $words are the options of `brew install`.
# Homebrew prints its listings to stdout and everything else to stderr; `brew outdated NAME` exits 1 for an outdated one.

find_brew() {
	[ -z "$tool" ] || return 0
	tool_folders=$(printf '%s' "$brew_folders" | tr ':' ' ')
	find_tool brew 'Homebrew brings it: https://brew.sh'
	if [ "$(uname)" = Darwin ] && [ "$(id -u)" = 0 ]; then
		die "Homebrew refuses to run as root: say become: false, or become_user: the user that owns $tool"
	fi
	HOMEBREW_NO_AUTO_UPDATE=${HOMEBREW_NO_AUTO_UPDATE-1} HOMEBREW_NO_ENV_HINTS=1 HOMEBREW_NO_ANALYTICS=1 NONINTERACTIVE=1
	export HOMEBREW_NO_AUTO_UPDATE HOMEBREW_NO_ENV_HINTS HOMEBREW_NO_ANALYTICS NONINTERACTIVE
	[ -z "$sudo_password" ] || askpass
}

# askpass: sudo reads the password from a program's output, and that from a file that only we can read
askpass() {
	secret_place=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/.orch.XXXXXX") || die 'mktemp: no private directory'
	trap 'rm -rf "$secret_place"' EXIT
	(umask 077 && printf '%s\n' "$sudo_password" >"$secret_place/it") || die "$secret_place: cannot be written"
	# shellcheck disable=SC2016 # a program's text
	printf '#!/bin/sh\nexec cat "${0%%/*}/it"\n' >"$secret_place/ask" && chmod 700 "$secret_place/ask"
	SUDO_ASKPASS=$secret_place/ask
	export SUDO_ASKPASS
}

probe() {
	find_brew
	installed=$("$tool" list ${kind_flag:+"$kind_flag"} --versions 2>/dev/null </dev/null) || installed=''
	bare=$(printf '%s\n' "$installed" | sed 's/ .*//')
	outdated=''
	[ "$state" != latest ] || outdated=$(outdated_ones)
	case $state in linked | unlinked) linked_kegs=$("$tool" --prefix)/var/homebrew/linked ;; esac
	known=''
	[ "$kind" != formula ] || ask_unlisted
	for name in $names; do
		seen_state=$(brew_state "$name") || exit 1
		say "$kind:$name" "$seen_state"
	done
}

# ask_unlisted: Homebrew's word on the formulae that its listing lacks, in `known`. Where it does not know one of them
# nothing is done at all, as with community.general's module, which asks for every one.
ask_unlisted() {
	unlisted=''
	for name in $names; do
		listed "${name##*/}" "$bare" || unlisted="$unlisted $name"
	done
	[ -n "$unlisted" ] || return 0
	# shellcheck disable=SC2086 # names, separated by blanks
	do_tool "brew info$unlisted" info --json=v2 $unlisted ${kind_flag:+"$kind_flag"}
	known=$out
}

# known_as_installed NAME: true if Homebrew says that what it means by NAME is there: an alias has another name in the
# listing. A cask is there if it can be listed.
known_as_installed() {
	if [ "$kind" = cask ]; then
		"$tool" list --cask "$1" >/dev/null 2>&1 </dev/null
	else
		has_installed "$known" &&
			has_installed "$("$tool" info --json=v2 "$1" ${kind_flag:+"$kind_flag"} 2>/dev/null </dev/null)"
	fi
}

# has_installed JSON: true if a formula in it has a keg, or a cask a version
has_installed() {
	printf '%s' "$1" | tr -d ' \t\n' | grep -Eq '"installed":(\[[{"]|")'
}

outdated_ones() {
	"$tool" outdated ${kind_flag:+"$kind_flag"} ${greedy:+"$greedy"} --quiet </dev/null | sed 's|.*/||;s/ .*//'
}

# brew_state NAME: the word of $state if NAME is so, else what it is
brew_state() {
	short=${1##*/}
	if listed "$short" "$bare"; then
		:
	elif known_as_installed "$1"; then
		versions=$("$tool" list ${kind_flag:+"$kind_flag"} --versions "$1" 2>/dev/null </dev/null) || versions=''
		[ -z "$versions" ] || short=${versions%% *}
	else
		case $state in linked | unlinked) die "Package not installed: $1." ;; esac
		if external_app "$1"; then printf '%s' "$state"; else printf absent; fi
		return
	fi
	case $state in
	latest) if listed "$short" "$outdated"; then printf outdated; else printf latest; fi ;;
	head) printf head ;; # as in Ansible, what is there stays
	linked | unlinked) is_linked ;;
	*) printf present ;;
	esac
}

# is_linked: prints what $short is, once Homebrew was asked to link or unlink it: that is asked each time, as in Ansible
is_linked() {
	if [ -z "$is_done" ]; then
		printf asked
	elif [ -e "$linked_kegs/$short" ]; then
		printf linked
	else
		printf unlinked
	fi
}

# external_app CASK: true if an app that the cask would install is there already, and that is accepted
external_app() {
	[ "$accept_external_apps:$state" = true:present ] || return
	app=$("$tool" info --cask --json=v2 "$1" 2>/dev/null </dev/null | tr -d '\n' | sed -n 's/.*"app": *\[ *"\([^"]*\.app\)".*/\1/p')
	[ -n "$app" ] && [ -e "/Applications/$app" ]
}

# was NAME WORD: true if the probe before has said so
was() {
	listed "$kind:$1=$2" "$records"
}

is_done=''

apply() {
	is_done=true
	with_words apply_with
}

# apply_with OPTION…: the options of `brew install`
apply_with() {
	find_brew
	case $state in
	present | absent) brew_all "$@" ;;
	*) for field in $changed; do brew_one "${field#*:}" "$@" || return; done ;;
	esac
}

# brew_all OPTION…: all packages in one go, so that none is touched where Homebrew does not know another
brew_all() {
	all=''
	for field in $changed; do all="$all ${field#*:}"; done
	verb=install
	force_uninstall=''
	if [ "$state" = absent ]; then
		verb=uninstall
		[ "$kind" != formula ] || force_uninstall=--force
	fi
	# shellcheck disable=SC2086 # names, separated by blanks
	do_tool "brew $verb$all" "$verb" ${kind_flag:+"$kind_flag"} ${force_uninstall:+"$force_uninstall"} "$@" $all
}

brew_one() {
	name=$1
	shift
	case $state in
	linked) do_tool "brew link $name" link "$name" ;;
	unlinked) do_tool "brew unlink $name" unlink "$name" ;;
	head) do_tool "brew install $name" install --HEAD "$@" "$name" ;;
	latest)
		if was "$name" absent; then brew_install "$@"; else brew_upgrade; fi
		;;
	esac
}

brew_install() {
	do_tool "brew install $name" install ${kind_flag:+"$kind_flag"} "$@" "$name"
}

brew_upgrade() {
	# shellcheck disable=SC2086 # options, separated by blanks
	do_tool "brew upgrade $name" upgrade ${kind_flag:+"$kind_flag"} ${greedy:+"$greedy"} $upgrade_words "$name"
}

# brew_whole: Homebrew itself, and all that is outdated
brew_whole() {
	find_brew
	if [ "$update_homebrew" = true ]; then brew_update; fi
	[ "$upgrade_all" = true ] || return 0
	if [ "$check" = true ]; then
		say changed true
		case $all_of_them in
		*casks) say upgraded 'Casks would be upgraded.' ;;
		*) say upgraded 'Homebrew packages would be upgraded.' ;;
		esac
		return
	fi
	# shellcheck disable=SC2086 # options, separated by blanks
	do_tool 'brew upgrade' upgrade ${kind_flag:+"$kind_flag"} ${greedy:+"$greedy"} $upgrade_words
	[ "$kind_flag" != --cask ] || out=$(printf '%s' "$out") # of casks, an empty line is nothing
	case $out in
	'' | *'==> No Casks to upgrade'*) say upgraded "$all_of_them already upgraded." ;;
	*)
		say changed true
		say upgraded "${all_of_them% packages} upgraded."
		;;
	esac
}

brew_update() {
	if [ "$check" = true ]; then
		say changed true
		say updated 'Homebrew would be updated.'
		return
	fi
	do_tool 'brew update' update
	case $out in
	'' | *'lready up-to-date'*) say updated 'Homebrew already up-to-date.' ;;
	*)
		say changed true
		say updated 'Homebrew updated successfully.'
		;;
	esac
}
