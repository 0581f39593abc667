# How a shell of ours begins on a node: it makes or joins the spool, says who and where it is, and becomes the standing
# shell. So a node has answered before it is told anything, and this costs no round trip beside the channel's own.
#
# It travels on the command line, inside single quotes, past a login shell that may be any: no single quotes in it, no
# backslashes, no exclamation marks, and the lines of code are such that blanks can join them. It is called as
#   sh -c THIS orch.TOKEN TMP RUN NONCE SHELL
# and leaves name, spool, umask and nonce to the standing shell as its arguments.
#
# Where /bin/sh is bash and dash is there, as on macOS 13 to 26 by Apple's published sources, dash is the standing shell:
# it reads programs by blocks where bash takes a system call for each byte, and costs half of the processor's time.
#
# A spool that is there already is ours if it looks like a directory that we make now: whose that is said to be need not be
# what id says, where owners are mapped. Exit status 255: somebody ends what runs here, the machine may be going down.
# shellcheck shell=sh
# shellcheck disable=SC2046,SC2088  # mode, links and owner are words; the tilde as it was written is meant
# shellcheck disable=SC3028  # bash knows EUID, which takes no process; others are not asked for it
frame() { echo; printf %s "$nonce $1 0 0 0 - $2"; echo; };
owner_of() {
	set -- $(ls -ldn "$1" 2>/dev/null);
	mode=${1-};
	echo "${mode%[@.]}:${3-}";
};
owns() {
	why=$(mkdir "$1.$$" 2>&1) || return 1;
	mine=$(owner_of "$1.$$");
	rmdir "$1.$$";
	why="$1 is not a directory of ours alone";
	case $mine in
	"drwx------:"[0-9]*) [ "$(owner_of "$1")" = "$mine" ] ;;
	*) return 1 ;;
	esac;
};
birth_of() {
	set -C; echo "$token" 2>/dev/null >"$1/birth"; set +C;
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		IFS= read -r birth 2>/dev/null <"$1/birth" && return 0;
		sleep 0.1;
	done;
	why="$1/birth cannot be written: is the disk full?";
	return 1;
};
ready() {
	why=$(mkdir "$spool" 2>&1) || {
		[ -d "$spool" ] || [ -L "$spool" ] || return 1;
		owns "$spool" || return 1;
	};
	birth_of "$spool" || { rm -f "$spool/birth"; rmdir "$spool"; return 1; };
	echo "$0" >"$spool/shell.$$" || true;
};
tmp=$1 run=$2 nonce=$3 shell=$4 token=${0#orch.} umask=$(umask) || exit 255;
uid=${BASH_VERSION:+$EUID};
[ -n "$uid" ] || uid=$(id -u) || exit 255;
umask 077;
case $tmp in "~/"*) tmp=${HOME-}/${tmp#"~/"} ;; esac;
[ -d "$tmp" ] || tmp=/tmp;
spool=$tmp/.orch-$uid-$run;
ready 2>/dev/null || { [ -n "$why" ] || exit 255; frame fault "$why"; exit 1; };
if [ -r /proc/sys/kernel/random/boot_id ];
then IFS= read -r boot </proc/sys/kernel/random/boot_id;
else boot=$(sysctl -n kern.bootsessionuuid 2>/dev/null) || boot=-; fi;
frame ready "$uid $$ $birth $boot ${HOME-}";
if [ "$shell" = /bin/sh ] && [ -x /bin/dash ]; then shell=/bin/dash; fi;
exec "$shell" -s "$0" "$spool" "$umask" "$nonce"
