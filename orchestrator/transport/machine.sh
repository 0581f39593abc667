# Says which machine this is. It goes before the first shell of a line, and before the sudo of that shell, in the same
# message: so the machine is known before a program or sudo's password is sent.
#
# It travels as open.sh does (see there for what it may hold), before the text that it makes way for, and takes away the first
# of that one's arguments:
#   sh -c "THIS open.sh" orch.TOKEN NONCE TMP …
#   sh -c "THIS exec …" orch.machine NONCE COMMAND …
# The answer is what stands behind "IOPlatformUUID" = in ioreg(8), of the hardware itself; a dash where nobody tells it.
# shellcheck shell=sh
nonce=$1 machine=- last="" pair="";
shift;
set -f;
if command -v ioreg >/dev/null; then
	for word in $(ioreg -rd1 -c IOPlatformExpertDevice 2>/dev/null </dev/null); do
		case $pair in *IOPlatformUUID?=) machine=${word#?}; machine=${machine%?}; break ;; esac;
		pair=$last$word;
		last=$word;
	done;
fi;
echo;
echo "$nonce machine $machine";
