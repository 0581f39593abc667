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
	# an account that was made just now may have come into a home that was there, with a key in it
	if [ "$force" != true ] && { [ -f "$key" ] || [ -f "$key.pub" ]; }; then key_done=true && return; fi
	folder_of_key=${key%/*}
	if [ ! -d "$folder_of_key" ]; then
		why=$(mkdir -m 700 "$folder_of_key" 2>&1 && give_to_account "$folder_of_key" 2>&1) ||
			die "Failed to create $folder_of_key: $why"
	fi
	rm -f "$key" "$key.pub"
	comment_of_key=${ssh_key_comment:-ansible-generated on $(hostname)}
	set -- -q -t "$ssh_key_type" -C "$comment_of_key" -f "$key"
	[ "$ssh_key_bits" = 0 ] || set -- "$@" -b "$ssh_key_bits"
	if [ -z "$ssh_key_passphrase" ]; then
		why=$(ssh-keygen "$@" -N '' 2>&1 </dev/null) || die "ssh-keygen: $why"
	else
		make_locked_key "$@"
	fi
	why=$(give_to_account "$key" "$key.pub" 2>&1) || die "could not give $key to $name: $why"
	key_done=true
}

# make_locked_key WORD…: ssh-keygen asks a program for the passphrase, which so is no argument that others see
make_locked_key() {
	asked=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/.orch.XXXXXX") || die 'mktemp: no scratch directory'
	# shellcheck disable=SC2016 # the program that is asked expands it
	(umask 077 && printf '%s\n' "$ssh_key_passphrase" >"$asked/words" &&
		printf '#!/bin/sh\nexec cat "${0%%/*}/words"\n' >"$asked/ask" && chmod 700 "$asked/ask")
	why=$(SSH_ASKPASS=$asked/ask SSH_ASKPASS_REQUIRE=force DISPLAY=none ssh-keygen "$@" 2>&1 </dev/null)
	status=$?
	rm -rf "$asked"
	[ "$status" -eq 0 ] || die "ssh-keygen: $why"
}

# give_to_account FILE…: unless it is ours already, since not everybody may chown
give_to_account() {
	for each_file; do
		[ "$(id -un)" = "$name" ] || chown "$(id -u "$name"):$(id -g "$name")" "$each_file" || return
	done
}
