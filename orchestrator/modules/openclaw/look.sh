# One look at OpenClaw on this node: install, service, process, configuration, sockets' answers, and the gateway's own words.

oc_look() {
	oc_find
	oc_uid=$(id -u)
	[ "$oc_uid" != 0 ] || oc_uid=${SUDO_UID:-0}
	oc_pid=$(launchctl print "gui/$oc_uid/$label" 2>/dev/null | sed -n 's/^	pid = //p')
	probe found oc_found
	probe installs oc_installs
	probe version oc_cli --version
	probe files oc_files
	probe names oc_names
	[ -z "$oc_pid" ] || probe process ps -o pid=,etime=,time=,rss= -p "$oc_pid"
	probe pressure sysctl -n kern.memorystatus_vm_pressure_level
	probe log tail -n 40 "$oc_out"
	probe_shown=openclaw.json
	probe config oc_config_text
	[ -z "$gateway" ] || oc_ask_gateway
	[ -z "$validate" ] || probe validate oc_cli config validate --json
	probes_say
}

oc_ask_gateway() {
	oc_url=http://127.0.0.1:$oc_port
	probe ready curl -sS --max-time 5 "$oc_url/readyz"
	probe started curl -sS --max-time 5 "$oc_url/startupz"
	probe host curl -sS --max-time 5 -H 'Host: gateway.invalid' "$oc_url/readyz"
	probe anonymous curl -sS --max-time 8 -o /dev/null -w '%{http_code}' -X POST -d '{}' "$oc_url/tools/invoke"
	[ -z "$request" ] || oc_ask_rpc
}

oc_ask_rpc() {
	probe_shown='gateway rpc'
	probe_fed rpc "$(oc_request)" oc_rpc
}

oc_found() {
	printf '%s\n' "node=$oc_node" "entry=$oc_entry" "env=$oc_env" "port=$oc_port" "plist=$oc_plist" "out=$oc_out" \
		"config=$oc_config" "pid=$oc_pid" "uid=$oc_uid" "now=$(date +%s)"
}

# oc_installs: every different openclaw that PATH finds, with its version; a link to one named before is the same
oc_installs() {
	oc_seen=:
	IFS=:
	set -f
	for oc_dir in $PATH; do
		[ -x "$oc_dir/openclaw" ] && [ -f "$oc_dir/openclaw" ] || continue
		oc_real=$(realpath "$oc_dir/openclaw" 2>/dev/null) || oc_real=$oc_dir/openclaw
		case $oc_seen in *:$oc_real:*) continue ;; esac
		oc_seen=$oc_seen$oc_real:
		printf '%s\t%s\n' "$oc_dir/openclaw" "$("$oc_dir/openclaw" --version 2>/dev/null </dev/null | head -n 1)"
	done
}

# oc_files: mode, time of change and path of what the service stands on
oc_files() {
	for oc_file in "$oc_config" "$oc_state" "$oc_env" "$oc_plist" "${oc_entry%/*}/package.json"; do
		[ -z "$oc_file" ] || [ ! -e "$oc_file" ] || stat -L -f '%Lp %m %N' "$oc_file"
	done
}

# oc_names: which variables the service's environment file sets to something; never their values
oc_names() {
	[ -z "$oc_env" ] || sed -n -e "/=''\$/d" -e 's/^export \([A-Za-z_][A-Za-z0-9_]*\)=..*/\1/p' "$oc_env"
}
