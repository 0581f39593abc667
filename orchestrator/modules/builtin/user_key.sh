# An account's SSH key. Needs user.sh. Source: ssh-keygen(1).

# key_path: sets `key` to the file of the private key
key_path() {
	account_home
	home_path "${ssh_key_file:-.ssh/id_$ssh_key_type}"
	case $path in /*) key=$path ;; *) key=$home_seen/$path ;; esac
}

probe_key() {
	key_path
	say ssh_key_file "$key"
	if ! [ -f "$key" ] && ! [ -f "$key.pub" ]; then return 0; fi
	# with force a new one takes the place of the old one, once
	[ "$force" = true ] && [ "$key_done" != true ] || say ssh_key present
	say ssh_fingerprint "$(ssh-keygen -l -f "$key" 2>&1)"
	[ ! -f "$key.pub" ] || say ssh_public_key "$(cat "$key.pub")"
}

make_key() {
	key_path
	folder_of_key=${key%/*}
	if [ ! -d "$folder_of_key" ]; then
		why=$(mkdir -m 700 "$folder_of_key" 2>&1 && give_to_account "$folder_of_key" 2>&1) ||
			die "Failed to create $folder_of_key: $why"
	fi
	rm -f "$key" "$key.pub"
	comment_of_key=${ssh_key_comment:-ansible-generated on $(hostname)}
	set -- -q -t "$ssh_key_type" -N '' -C "$comment_of_key" -f "$key"
	[ "$ssh_key_bits" = 0 ] || set -- "$@" -b "$ssh_key_bits"
	why=$(ssh-keygen "$@" 2>&1 </dev/null) || die "ssh-keygen: $why"
	why=$(give_to_account "$key" "$key.pub" 2>&1) || die "could not give $key to $name: $why"
	key_done=true
}

# give_to_account FILE…: unless it is ours already, since not everybody may chown
give_to_account() {
	for each_file; do
		[ "$(id -un)" = "$name" ] || chown "$(id -u "$name"):$(id -g "$name")" "$each_file" || return
	done
}
