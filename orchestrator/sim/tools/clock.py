"""
Time: date (BSD), sntp, systemsetup, and the clock that zsh and perl see when it is skewed.

Recorded: sntp's answer and its time-out, systemsetup's answers and its refusal. From Apple's source: `%N` of date
is a literal N before 15.4. Unrecorded: the exit status of systemsetup's refusal (0 here; match the text), the
words of a date that cannot be parsed on each version.
"""

from __future__ import annotations

import os
import re
import subprocess
import time

from orchestrator.sim.tools.base import Mac, Refusal


def _now(mac: Mac) -> float:
    return time.time() + float(mac.faults()["clock_skew_s"])


def _has_nanoseconds(mac: Mac) -> bool:
    parts = tuple(int(part) for part in mac.facts["version"].split("."))
    return parts >= (15, 4)


def date(mac: Mac, argv: list[str]) -> int:
    """BSD date: -u, -j, -n, -r SECONDS or FILE, -f FORMAT DATE, +FORMAT. Setting the clock is refused."""
    utc, moment, layout, parse, rest = False, _now(mac), "%a %b %e %H:%M:%S %Z %Y", None, list(argv)
    dry = False
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        for place, letter in enumerate(word[1:], start=1):
            if letter in "rf":
                value = word[place + 1 :] or (rest.pop(0) if rest else "")
                if letter == "f":
                    parse = value
                else:
                    moment = _reference(value)
                break
            utc, dry = utc or letter == "u", dry or letter == "j"
            if letter not in "ujn":
                raise Refusal(
                    1,
                    f"date: illegal option -- {letter}\nusage: date [-jnRu] [-r seconds] [-f input_fmt]",
                )
    if utc:
        os.environ["TZ"] = "UTC"
        time.tzset()
    if rest and not rest[0].startswith("+"):
        moment = _parsed(parse, rest.pop(0), dry)
    if rest and rest[0].startswith("+"):
        layout = rest[0][1:]
    print(_format(mac, layout, moment))
    return 0


def _reference(value: str) -> float:
    if re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", value):
        return float(int(value, 0))
    try:
        return os.stat(value).st_mtime
    except OSError as error:
        raise Refusal(1, f"date: {value}: {error.strerror}") from error


def _parsed(parse: str | None, text: str, dry: bool) -> float:
    if not dry:
        raise Refusal(1, "date: settimeofday (timeval): Operation not permitted")
    try:
        if parse == "%s":
            return float(int(text))
        fields = time.strptime(text, parse or "%m%d%H%M%Y")
    except ValueError as error:
        raise Refusal(
            1, f"date: illegal time format\nFailed conversion of ``{text}'' using format ``{parse}''"
        ) from error
    return time.mktime(fields)


def _format(mac: Mac, layout: str, moment: float) -> str:
    whole = int(moment // 1)
    nanoseconds = f"{int((moment - whole) * 1e9):09d}" if _has_nanoseconds(mac) else "N"
    layout = layout.replace("%N", nanoseconds).replace("%s", str(whole))
    return time.strftime(layout, time.localtime(whole))


def skewed(mac: Mac, argv: list[str]) -> int:
    """zsh or perl whose programs read the clock: the host's interpreter, with the reading moved by the skew."""
    name, *words = argv
    skew = float(mac.faults()["clock_skew_s"])
    if name == "zsh":
        words = [re.sub(r"\$\{?EPOCHREALTIME\}?", f"$(( EPOCHREALTIME + {skew} ))", word) for word in words]
        words = [re.sub(r"\$\{?EPOCHSECONDS\}?", f"$(( EPOCHSECONDS + {int(skew)} ))", word) for word in words]
    elif any("Time::HiRes" in word for word in words):
        words = [_perl(words[at - 1] if at else "", word, skew) for at, word in enumerate(words)]
    for folder in ("/bin", "/usr/bin", "/usr/local/bin"):
        if os.path.exists(f"{folder}/{name}"):
            return subprocess.call([f"{folder}/{name}", *words])
    raise Refusal(127, f"sh: {name}: command not found")


def _perl(before: str, word: str, skew: float) -> str:
    return re.sub(r"\btime\b", f"(Time::HiRes::time()+({skew}))", word) if before == "-e" else word


def sntp(mac: Mac, argv: list[str]) -> int:
    """The amount to add to this clock, as far as the fault says it is off; the network is never asked."""
    faults = mac.faults()
    if {"-s", "-S"} & set(argv) and not mac.is_root:
        raise Refusal(77, "sntp: settimeofday: Operation not permitted")
    if faults["sntp_timeout"]:
        raise Refusal(69, "sntp: Exchange failed: Timeout\n" * 5 + "sntp: Clock select failed")
    names = [word for at, word in enumerate(argv) if not word.startswith("-") and argv[at - 1 : at] != ["-t"]]
    print(f"{-float(faults['clock_skew_s']):+.6f} +/- 0.017541 {names[0] if names else 'time.apple.com'} 17.253.4.45")
    return 0


def systemsetup(mac: Mac, argv: list[str]) -> int:
    if not mac.is_root:
        print("You need administrator access to run this tool... exiting!")
        return 0
    settings = mac.settings()
    onoff = {True: "On", False: "Off"}
    match [word.lower() for word in argv[:1]] + argv[1:]:
        case ["-getusingnetworktime"]:
            print(f"Network Time: {onoff[settings['network_time']]}")
        case ["-getnetworktimeserver"]:
            print(f"Network Time Server: {settings['time_server']}")
        case ["-gettimezone"]:
            print(f"Time Zone: {settings['timezone']}")
        case ["-getremotelogin"]:
            print("Remote Login: On")
        case ["-getcomputername"]:
            print(f"Computer Name: {settings['computer_name']}")
        case ["-getsleep"]:
            power = settings["power"]
            print()
            for name, key in (("Computer", "sleep"), ("Display", "displaysleep"), ("Disk", "disksleep")):
                print(f"Sleep: {name} sleeps after {power[key]} minutes")
        case ["-setusingnetworktime", "on" | "off" as value]:
            _set(mac, "network_time", value == "on")
            print(f"setUsingNetworkTime: {value.capitalize()}")
        case ["-setnetworktimeserver", value]:
            _set(mac, "time_server", value)
            print(f"setNetworkTimeServer: {value}")
        case ["-settimezone", value]:
            _set(mac, "timezone", value)
            print(f"Set TimeZone: {value}")
        case _:
            raise Refusal(1, "systemsetup: this verb is not simulated")
    return 0


def _set(mac: Mac, name: str, value: object) -> None:
    with mac.change("settings") as changed:
        changed[name] = value
