# A working copy of a git repository. Needs the prelude and files. git itself asks for nothing: no terminal, no password.
#
# Values: repo dest_given version remote clone update force depth bare recursive track_submodules single_branch
# accept_hostkey accept_newhostkey key_file ssh_opts refspec executable umask_given check diff.

git_main() {
	git_tool=${executable:-git}
	command -v "$git_tool" >/dev/null || die "Failed to find required executable $git_tool"
	case $(uname) in
	# without the developer tools, /usr/bin/git is a stub that opens a dialogue and waits
	Darwin) [ "$git_tool" != git ] || [ "$(command -v git)" != /usr/bin/git ] || xcode-select -p >/dev/null 2>&1 ||
		die 'git is not installed: /usr/bin/git is the stub for the developer tools (install them, or Homebrew git)' ;;
	esac
	[ -z "$umask_given" ] || umask "$umask_given"
	GIT_TERMINAL_PROMPT=0
	GIT_SSH_COMMAND="ssh -o BatchMode=yes$(ssh_words)"
	export GIT_TERMINAL_PROMPT GIT_SSH_COMMAND
	[ -z "$dest_given" ] || { expand "$dest_given" && dest=$path; }
	if [ -z "$dest" ]; then
		say after "$(ls_remote "$version")"
		say changed true
		return
	fi
	say dest "$dest"
	store=$dest/.git
	[ "$bare" = false ] || store=$dest
	if [ ! -e "$store/HEAD" ] && [ ! -f "$dest/.git" ]; then first_clone; else renew; fi
}

ssh_words() {
	case $accept_hostkey:$accept_newhostkey in
	true:*) printf ' -o StrictHostKeyChecking=no' ;;
	*:true) printf ' -o StrictHostKeyChecking=accept-new' ;;
	esac
	[ -z "$key_file" ] || printf " -o IdentitiesOnly=yes -i '%s'" "$(printf '%s' "$key_file" | sed "s/'/'\\\\''/g")"
	[ -z "$ssh_opts" ] || printf ' %s' "$ssh_opts"
}

in_copy() {
	"$git_tool" -C "$dest" "$@"
}

# ls_remote VERSION: the commit that VERSION means at the remote; empty where it is none of its names
ls_remote() {
	refs=$("$git_tool" ls-remote "$repo" 2>&1) || die "git ls-remote $repo: $refs"
	printf '%s\n' "$refs" | awk -v want="$1" '
		$2 == "refs/tags/" want "^{}" { tag = $1 }
		$2 == "refs/heads/" want || $2 == want { head = $1 }
		$2 == "refs/tags/" want { plain = $1 }
		END { print head ? head : tag ? tag : plain }'
}

first_clone() {
	if [ "$clone" = false ]; then
		say after "$(ls_remote "$version")"
		say changed true
		return
	fi
	[ ! -e "$dest" ] || [ -z "$(ls -A "$dest")" ] || die "destination path '$dest' already exists and is not an empty directory"
	say changed true
	say before ''
	if [ "$check" = true ]; then
		after=$(ls_remote "$version")
		say after "${after:-$version}"
		return
	fi
	folder "$dest"
	mkdir -p "$dir" || die "could not make $dir"
	set -- --origin "$remote"
	[ -z "$depth" ] || set -- "$@" --depth "$depth"
	[ "$bare" = false ] || set -- "$@" --bare
	[ "$recursive" = false ] || [ "$bare" = true ] || set -- "$@" --recursive
	[ "$single_branch" = false ] || set -- "$@" --single-branch
	case $version in
	HEAD) ;;
	*) [ -z "$(ls_remote "$version")" ] || set -- "$@" --branch "$version" ;;
	esac
	why=$("$git_tool" clone "$@" -- "$repo" "$dest" 2>&1) || die "Failed to clone $repo: $why"
	[ "$bare" = true ] || switch
	say after "$(in_copy rev-parse HEAD)"
}

renew() {
	before=$(in_copy rev-parse HEAD 2>/dev/null)
	say before "$before"
	if [ "$update" = false ]; then
		say after "$before"
		return
	fi
	if [ "$bare" = false ] && [ -n "$(in_copy status --porcelain --untracked-files=no)" ]; then
		[ "$force" = true ] || die 'Local modifications exist in the destination: '"$dest"' (force=no).'
		say changed true
		[ "$check" = true ] || say told "Local modifications exist in the destination: $dest"
		[ "$check" = true ] || in_copy reset --hard >/dev/null || die "git reset --hard: exit $?"
	fi
	same_remote
	after=$(ls_remote "$version")
	if [ "$check" = true ]; then
		say after "${after:-$version}"
		[ "${after:-$version}" = "$before" ] || differs "$before" "${after:-$version}"
		return
	fi
	if [ -z "$after" ] || [ "$after" != "$before" ]; then
		in_copy cat-file -e "${after:-$version}^{commit}" 2>/dev/null && [ "$version" != HEAD ] && [ -z "$after" ] || fetch_all
		[ "$bare" = true ] || switch
	fi
	after=$(in_copy rev-parse HEAD)
	say after "$after"
	[ "$after" = "$before" ] || differs "$before" "$after"
}

# differs BEFORE AFTER: says that it does, and shows what differs where that is asked for and known
differs() {
	say changed true
	[ "$diff" = false ] || say difference "$(in_copy --no-pager diff --no-color "$1" "$2" 2>/dev/null)
"
}

same_remote() {
	url=$(in_copy remote get-url "$remote" 2>/dev/null)
	[ "$url" != "$repo" ] || return 0
	say remote_url_changed true
	say changed true
	[ "$check" = false ] || return 0
	if [ -n "$url" ]; then in_copy remote set-url "$remote" "$repo"; else in_copy remote add "$remote" "$repo"; fi ||
		die "git remote: exit $?"
}

fetch_all() {
	set -- fetch --tags --force
	[ -z "$depth" ] || set -- "$@" --depth "$depth"
	if [ "$bare" = true ]; then
		set -- "$@" "$remote" '+refs/heads/*:refs/heads/*'
	else
		set -- "$@" "$remote" "+refs/heads/*:refs/remotes/$remote/*"
	fi
	[ -z "$refspec" ] || set -- "$@" "$refspec"
	why=$(in_copy "$@" 2>&1) || die "Failed to download remote objects and refs: $why"
}

# switch: the working copy to $version: a branch of the remote's, reset to what it is there, or a tag or commit
switch() {
	name=$version
	if [ "$version" = HEAD ]; then
		name=$(in_copy symbolic-ref --short "refs/remotes/$remote/HEAD" 2>/dev/null) || name=$(in_copy symbolic-ref --short HEAD)
		name=${name#"$remote/"}
	fi
	if in_copy rev-parse --verify --quiet "refs/remotes/$remote/$name" >/dev/null; then
		why=$(in_copy checkout --force -B "$name" "refs/remotes/$remote/$name" 2>&1) || die "Failed to checkout branch $name: $why"
	else
		why=$(in_copy checkout --force "$name" 2>&1) || die "Failed to checkout $name: $why"
	fi
	[ "$recursive" = true ] && [ -f "$dest/.gitmodules" ] || return 0
	set -- submodule update --init --recursive
	[ "$track_submodules" = false ] || set -- "$@" --remote
	why=$(in_copy "$@" 2>&1) || die "Failed to init/update submodules: $why"
}
