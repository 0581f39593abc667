# The files that a change of OpenClaw may touch: configuration, service's environment, plist, token files. A snapshot keeps
# them byte for byte beside the state directory, 0700, and puts back what differs by rename.

oc_snapshots=$HOME/.openclaw-snapshots

# oc_kept: the files, one a line; `extra` names more
oc_kept() {
	printf '%s\n' "$oc_config" "$oc_env" "$oc_plist"
	[ -z "$extra" ] || printf '%s\n' "$extra"
}

oc_snapshot_take() {
	oc_find
	oc_place=$oc_snapshots/$name
	[ ! -d "$oc_place" ] || die "there is a snapshot $name already; drop it or take another name"
	(umask 077 && mkdir -p "$oc_place") || die "$oc_place cannot be made"
	oc_number=0
	oc_kept | while IFS= read -r oc_file; do
		oc_number=$((oc_number + 1))
		[ -n "$oc_file" ] && [ -f "$oc_file" ] || continue
		cp -p "$oc_file" "$oc_place/$oc_number" && printf '%s\n' "$oc_file" >"$oc_place/$oc_number.path" || exit 1
	done || die "the files cannot be kept in $oc_place"
	say place "$oc_place"
}

# oc_snapshot_restore says each file it puts back; with check, what it would
oc_snapshot_restore() {
	oc_find
	oc_place=$oc_snapshots/$name
	[ -d "$oc_place" ] || die "there is no snapshot $name"
	for oc_path in "$oc_place"/*.path; do
		oc_kept_file=${oc_path%.path}
		IFS= read -r oc_file <"$oc_path"
		cmp -s "$oc_kept_file" "$oc_file" && [ "$(stat -f %Lp "$oc_kept_file")" = "$(stat -f %Lp "$oc_file")" ] && continue
		say restored "$oc_file"
		[ "$check" = false ] || continue
		cp -p "$oc_kept_file" "$oc_file.orch" || die "$oc_file cannot be put back"
		mv -f "$oc_file.orch" "$oc_file" || die "$oc_file cannot be put back"
		cmp -s "$oc_kept_file" "$oc_file" || die "$oc_file differs from its snapshot after it was put back"
	done
}

oc_snapshot_drop() {
	[ -d "$oc_snapshots/$name" ] || return 0
	say dropped "$name"
	[ "$check" = false ] || return 0
	rm -rf "${oc_snapshots:?}/$name" || die "$oc_snapshots/$name cannot be removed"
	rmdir "$oc_snapshots" 2>/dev/null || :
}

# oc_config_read prints the configuration as strict JSON
oc_config_read() {
	oc_find
	oc_config_text
}

# oc_config_write: `content` beside the file, judged there by the product itself, and renamed only where that says yes
oc_config_write() {
	oc_find
	oc_fresh=$(umask 077 && mktemp "$oc_state/.orch-config.XXXXXX") || die "$oc_state cannot be written to"
	trap 'rm -f "$oc_fresh"' EXIT
	printf '%s' "$content" >"$oc_fresh" || die "$oc_fresh cannot be written"
	OPENCLAW_CONFIG_PATH=$oc_fresh
	export OPENCLAW_CONFIG_PATH
	oc_verdict=$(oc_cli config validate --json 2>/dev/null </dev/null) && oc_valid=yes || oc_valid=no
	unset OPENCLAW_CONFIG_PATH
	say verdict "$oc_verdict"
	[ "$oc_valid" = yes ] || return 0
	[ "$check" = false ] || return 0
	mv -f "$oc_fresh" "$oc_config" || die "$oc_config cannot be replaced"
	say written "$oc_config"
}

# oc_private_write: `content` to `file`, atomically, 0600; says `written` where that changed it
oc_private_write() {
	home_path "$file"
	[ ! -f "$path" ] || [ "$(cat "$path")" != "$content" ] || return 0
	say written "$path"
	[ "$check" = false ] || return 0
	oc_fresh=$(umask 077 && mktemp "$path.XXXXXX") || die "${path%/*} cannot be written to"
	printf '%s' "$content" >"$oc_fresh" || die "$oc_fresh cannot be written"
	mv -f "$oc_fresh" "$path" || die "$path cannot be replaced"
}

# oc_variable_write: the line `export variable='content'` of the service's environment file
oc_variable_write() {
	oc_find
	[ -n "$oc_env" ] || die "the service $label has no environment file"
	oc_line="export $variable=$quoted"
	oc_old=$(sed -n "/^export $variable=/p" "$oc_env")
	[ "$oc_old" != "$oc_line" ] || return 0
	say written "$oc_env"
	[ "$check" = false ] || return 0
	oc_fresh=$(umask 077 && mktemp "$oc_env.XXXXXX") || die "$oc_env cannot be written beside"
	sed "/^export $variable=/d" "$oc_env" >"$oc_fresh" || die "$oc_fresh cannot be written"
	printf '%s\n' "$oc_line" >>"$oc_fresh" || die "$oc_fresh cannot be written"
	mv -f "$oc_fresh" "$oc_env" || die "$oc_env cannot be replaced"
}

# oc_sweep: which files below the state directory, the logs and the shell histories hold `content`; it is read from a pipe
oc_sweep() {
	oc_find
	for oc_place in "$oc_state" "$HOME/Library/LaunchAgents" "$HOME/Library/Logs" "$HOME/.zsh_history" "$HOME/.bash_history"; do
		[ -e "$oc_place" ] || continue
		printf '%s\n' "$content" | grep -rlF -f - "$oc_place" 2>/dev/null
	done | while IFS= read -r oc_file; do
		say found "$oc_file"
		case $remove:$check:$oc_file in
		true:false:*.bak | true:false:*.bak.[0-9] | true:false:*.last-good | true:false:*.clobbered.* | true:false:*.rejected.*)
			rm -f "$oc_file" && say removed "$oc_file"
			;;
		esac
	done
	:
}

oc_store_write() {
	oc_find
	say written "store:$variable"
	printf '%s' "$content" | oc_cli secrets store set "$variable" --kind secret >/dev/null 2>&1 || die "the store refused $variable"
}
