# Where the plist of a service is. Needs the prelude. Values: file (its name).
# Says `looked` for each folder that was looked into, and `plist` where it is.

find_plist() {
	for folder in "$HOME/Library/LaunchAgents" /Library/LaunchAgents /Library/LaunchDaemons \
		/System/Library/LaunchAgents /System/Library/LaunchDaemons; do
		say looked "$folder"
		[ -f "$folder/$file" ] || continue
		say plist "$folder/$file"
		return
	done
	return 0
}
