# All that a snapshot asks, in one program. Nothing here changes the node, needs root, opens a dialog or asks Apple.
# `labels`: jobs to look at, one a line. `updates`: true asks for the list of updates that is known already. `sent`: the
# controller's clock, where this node's is to be measured against it.

# machine_digest: a digest of the hardware's UUID; the UUID and the serial number stay here
machine_digest() {
	uuid=$(ioreg -rd1 -c IOPlatformExpertDevice) || return
	uuid=${uuid#*'"IOPlatformUUID" = "'}
	uuid=${uuid%%'"'*}
	case $uuid in
	????????-????-*) printf 'orch machine %s' "$uuid" | shasum -a 256 ;;
	*) return 1 ;;
	esac
}

# interpreters: NAME PATH a line. Only looked for: python3, git and make may be stubs that open a dialog when run
interpreters() {
	for name in sh bash zsh dash perl ruby jq sqlite3 node osascript plutil python3 git curl; do
		place=$(command -v "$name") && printf '%s %s\n' "$name" "$place"
	done
	return 0
}

brew_prefix() {
	for place in /opt/homebrew /usr/local; do
		[ ! -x "$place/bin/brew" ] || { printf '%s\n' "$place" && return; }
	done
	place=$(command -v brew) && printf '%s\n' "${place%/bin/brew}"
	return 0
}

ask_system() {
	probe sw_vers sw_vers
	probe extra sw_vers --productVersionExtra
	probe uname uname -a
	probe sysctl sysctl hw.model hw.memsize hw.ncpu kern.bootsessionuuid kern.boottime
	probe hypervisor sysctl -n kern.hv_vmm_present
	probe cpu sysctl -n machdep.cpu.brand_string
	probe load sysctl -n vm.loadavg
	probe pressure_level sysctl -n kern.memorystatus_vm_pressure_level
	probe swap sysctl -n vm.swapusage
	probe memory memory_pressure -Q
	probe disk df -k "$HOME"
	probe_shown='ioreg -rd1 -c IOPlatformExpertDevice | shasum -a 256'
	probe digest machine_digest
	probe computer_name scutil --get ComputerName
	probe local_name scutil --get LocalHostName
	probe host_name scutil --get HostName
	probe id id
	probe date date +%s
}

ask_settings() {
	probe zone readlink /etc/localtime
	probe zone_automatic defaults read /Library/Preferences/com.apple.timezone.auto Active
	probe ntp_on systemsetup -getusingnetworktime
	probe ntp_server systemsetup -getnetworktimeserver
	probe mdm profiles status -type enrollment
	probe profiles profiles list
	probe managed ls '/Library/Managed Preferences'
	probe cloud_config ls -a /var/db/ConfigurationProfiles/Settings
	probe sip csrutil status
	probe gatekeeper spctl --status
	probe filevault fdesetup status
	firewall=/usr/libexec/ApplicationFirewall/socketfilterfw
	[ -x "$firewall" ] || firewall=socketfilterfw
	probe firewall "$firewall" --getglobalstate
	probe firewall_block "$firewall" --getblockall
	probe firewall_stealth "$firewall" --getstealthmode
	probe autologin defaults read /Library/Preferences/com.apple.loginwindow autoLoginUser
	probe update_schedule softwareupdate --schedule
	[ "$updates" = false ] || probe updates softwareupdate --list --no-scan
}

ask_session() {
	probe keychains security list-keychains -d user
	probe keychain_default security default-keychain -d user
	probe keychain_login security login-keychain -d user
	probe keychain_info security show-keychain-info "$HOME/Library/Keychains/login.keychain-db"
	probe safari ls "$HOME/Library/Safari"
	probe pmset pmset -g
	probe assertions pmset -g assertions
	probe console stat -f%Su /dev/console
	probe who who
	probe manager launchctl managername
	probe_shown="launchctl print gui/$uid"
	probe gui top_lines launchctl print "gui/$uid"
	probe_shown='launchctl print system/com.apple.screensharing'
	probe screen_sharing top_lines launchctl print system/com.apple.screensharing
	probe overrides launchctl print-disabled "gui/$uid"
}

ask_tools() {
	probe_shown='netstat -anv -p tcp'
	probe sockets listening
	probe route route -n get default
	probe dns scutil --dns
	probe developer xcode-select -p
	probe_shown='command -v sh bash zsh …'
	probe interpreters interpreters
	probe zsh zsh --version
	probe perl perl -e 'print $]'
	probe_shown='command -v brew'
	probe brew brew_prefix
	plist=$HOME/Library/LaunchAgents/ai.openclaw.gateway.plist
	probe_shown='command -v openclaw'
	probe openclaw_path openclaw_path
	probe openclaw_config ls "$HOME/.openclaw/openclaw.json"
	probe openclaw_plist ls "$plist"
	probe openclaw_throttle plutil -extract ThrottleInterval raw -o - "$plist"
	! command -v openclaw >/dev/null || probe openclaw_version openclaw --version
}

openclaw_path() {
	command -v openclaw || printf 'none\n'
}

# The clock is read first and last, so that what lies in between is not in the measurement's bound
snapshot_main() {
	[ -z "$sent" ] || clock_main
	uid=$(id -u)
	[ "$uid" != 0 ] || uid=${SUDO_UID:-0}
	ask_system
	ask_settings
	ask_session
	ask_tools
	ask_jobs
	probes_say
	[ -z "$sent" ] || tick clock_last
}
