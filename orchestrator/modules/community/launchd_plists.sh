# Where the plist of a service is. Needs the prelude. Values: file (its name).

find_plist() {
	for folder in "$HOME/Library/LaunchAgents" /Library/LaunchAgents /Library/LaunchDaemons \
		/System/Library/LaunchAgents /System/Library/LaunchDaemons; do
		[ -f "$folder/$file" ] || continue
		say plist "$folder/$file"
		return
	done
	die "Unable to find the plist file $file: not in ~/Library/LaunchAgents, nor in LaunchAgents or LaunchDaemons of /Library and /System/Library"
}
