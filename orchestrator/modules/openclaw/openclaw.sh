# What every OpenClaw module shares: where the product is on this node, and how it is asked.
#
# The service's plist says which Node.js and which entry script run; a remote login's PATH often knows neither. Nothing here
# puts a token into an argument or an environment: requests to the gateway go to standard input of that Node.js.

# oc_find sets oc_node, oc_entry, oc_env, oc_port, oc_plist, oc_out and oc_config from the service's definition; all may be
# empty but oc_config and oc_port
oc_find() {
	PATH=$PATH:/usr/libexec:/opt/homebrew/bin:/usr/local/bin:$HOME/.local/bin:$HOME/.npm-global/bin
	NO_COLOR=1
	export PATH NO_COLOR
	unset OPENCLAW_GATEWAY_URL OPENCLAW_GATEWAY_TOKEN OPENCLAW_STATE_DIR OPENCLAW_CONFIG_PATH OPENCLAW_HOME OPENCLAW_PROFILE
	oc_state=$HOME/.openclaw
	oc_config=$oc_state/openclaw.json
	oc_plist=$HOME/Library/LaunchAgents/$label.plist
	oc_node='' oc_entry='' oc_env='' oc_port=$port oc_out=''
	[ ! -r "$oc_plist" ] || oc_read_plist
	[ -n "$oc_node" ] || oc_node=$(command -v node) || oc_node=''
	[ -n "$oc_entry" ] || oc_entry=$(command -v openclaw) || oc_entry=''
	[ -n "$oc_port" ] || oc_port=18789
}

oc_read_plist() {
	oc_out=$(PlistBuddy -c 'Print :StandardOutPath' "$oc_plist" 2>/dev/null) || oc_out=''
	oc_words=$(PlistBuddy -c 'Print :ProgramArguments' "$oc_plist" 2>/dev/null) || return 0
	oc_last=''
	IFS=$nl
	set -f
	for oc_word in $oc_words; do
		oc_word=${oc_word#    }
		case $oc_last:$oc_word in
		--port:*) [ -n "$oc_port" ] || oc_port=$oc_word ;;
		*:*/node) oc_node=$oc_word ;;
		*/node:/*) oc_entry=$oc_word ;;
		*:*.env) oc_env=$oc_word ;;
		esac
		case $oc_word in --max-old-space-size=*) ;; *) oc_last=$oc_word ;; esac
	done
	set +f
	unset IFS
}

# oc_cli ARGUMENTS… is the product's own command line, the one the service runs
oc_cli() {
	if [ -n "$oc_node" ] && [ -n "$oc_entry" ]; then
		case $oc_entry in
		*.mjs | *.js | *.cjs) "$oc_node" "$oc_entry" "$@" ;;
		*) "$oc_entry" "$@" ;;
		esac
	else
		openclaw "$@"
	fi
}

# oc_rpc reads a request on standard input; $rpc_js is the client
oc_rpc() {
	if [ -z "$oc_node" ]; then
		echo 'no Node.js was found to ask the gateway with' >&2
		return 127
	fi
	"$oc_node" -e "$rpc_js"
}

oc_config_text() {
	if [ -n "$oc_node" ]; then "$oc_node" -e "$config_js" "$oc_entry" "$oc_config"; else cat "$oc_config"; fi
}

# oc_request: the request with the port in its place
oc_request() {
	printf '%s\n' "${request%%@PORT@*}$oc_port${request#*@PORT@}"
}

# oc_rpc_alone: one request, the answer on standard output
oc_rpc_alone() {
	oc_find
	oc_request | oc_rpc
}
