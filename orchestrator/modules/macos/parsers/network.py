"""The node's network: default route, resolvers, curl, and the SSH server that answers before the disk is unlocked."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, absent, failed, known, otherwise, refused
from orchestrator.modules.macos.parsers.values import comma_list, integer, typed

_PAIR = re.compile(r"\s*([\w ]+?)\s*: (.*)")
_METRICS = re.compile(r"\s*recvpipe\s+sendpipe\s.*")
_INDEXED = re.compile(r"(.*?)\[[0-9]+\]")
_INTERFACE = re.compile(r"([0-9]{1,9}) \((.*)\)")
_REACH = re.compile(r"0x[0-9a-fA-F]+ \((.*)\)")
_CURL = re.compile(r"curl: \(([0-9]{1,3})\) (.*)")
_METHODS = re.compile(r"Permission denied \(([\w,-]+)\)")
_CURL_NAMES = {5: "proxy not resolved", 6: "host not resolved", 7: "connection refused or unreachable", 28: "timed out",
               35: "TLS failed", 52: "empty reply", 56: "connection lost", 60: "certificate not trusted"}  # fmt: skip


def parse_route(output: Output) -> Parsed:
    """One route: destination, gateway, interface, `flags`, and `metrics` such as mtu; `absent` when there is none."""
    if "not in table" in output.text:
        return absent("no such route")
    fields = {match[1]: match[2].strip() for line in output.rows if (match := _PAIR.fullmatch(line))}
    if "destination" not in fields:
        return otherwise(output)
    flags = fields.pop("flags", "").strip("<>")
    first = {name: fields.pop(name, None) for name in ("destination", "mask", "gateway", "interface")}
    return known(**first, flags=comma_list(flags), metrics=_metrics(output.rows), extra=fields)


def _metrics(rows: list[str]) -> dict[str, int | str]:
    titles = next((index for index, line in enumerate(rows) if _METRICS.fullmatch(line)), None)
    if titles is None or titles + 1 >= len(rows):
        return {}
    pairs = zip(rows[titles].split(), rows[titles + 1].split(), strict=False)
    return {name: typed(value) for name, value in pairs}


def parse_dns(output: Output) -> Parsed:
    """
    `resolvers` in their order: nameservers, search domains, domain, options, `timeout_s`, flags, reach, interface.

    `scoped` True: used only for queries bound to that interface.
    """
    if "No DNS configuration available" in output.text:
        return absent("no DNS configuration")
    resolvers: list[Parsed] = []
    scoped = False
    for line in output.rows:
        if line.startswith("DNS configuration"):
            scoped = "scoped" in line
        elif match := re.fullmatch(r"resolver #([0-9]{1,9})", line.strip()):
            resolvers.append(_resolver(int(match[1]), scoped))
        elif resolvers and (pair := _PAIR.fullmatch(line) or re.fullmatch(r"\s*(\S.*?\])\s*: (.*)", line)):
            _add(resolvers[-1], pair[1].strip(), pair[2].strip())
    if not resolvers and not any(line.startswith("DNS configuration") for line in output.rows):
        return otherwise(output)
    return known(resolvers=resolvers)


def _resolver(number: int, scoped: bool) -> Parsed:
    return {"number": number, "scoped": scoped, "nameservers": [], "search_domains": [], "flags": [], "extra": {}}


def _add(resolver: Parsed, name: str, value: str) -> None:
    indexed = _INDEXED.fullmatch(name)
    lists = {"nameserver": "nameservers", "search domain": "search_domains"}
    if indexed and indexed[1] in lists:
        resolver[lists[indexed[1]]].append(value)
    elif name == "flags":
        resolver["flags"] = comma_list(value)
    elif name == "if_index" and (match := _INTERFACE.fullmatch(value)):
        resolver["interface"] = match[2]
    elif name == "reach" and (match := _REACH.fullmatch(value)):
        resolver["reach"] = comma_list(match[1])
    elif name == "timeout":
        resolver["timeout_s"] = integer(value)
    elif name in {"domain", "options"}:
        resolver[name] = value
    elif name == "order":
        resolver["order"] = integer(value)
    else:
        resolver["extra"][name] = value


def parse_curl(output: Output) -> Parsed:
    """curl's own failure: `code` (its exit status), meaning and sentence; exit status 0 is `known` with no code."""
    match = next((found for line in output.lines if (found := _CURL.fullmatch(line.strip()))), None)
    code = int(match[1]) if match else output.exit_code
    if code is None:
        return otherwise(output, quote=False)
    if code == 0:
        return known(code=0)
    told = match[2] if match else _CURL_NAMES.get(code, f"exit status {code}")
    refused_port = code == 7 and ("Couldn't connect" in told or "refused" in told.lower())
    return failed(told, code=code, meaning=_CURL_NAMES.get(code), connection_refused=refused_port)


def parse_preboot(output: Output) -> Parsed:
    """
    What an SSH login meets after a reboot with FileVault on: `locked` True (the pre-boot server spoke), and whether
    it was `unlocked`. A plain refusal is `not permitted` with `locked` None: it looks the same as a removed key.
    """
    text = output.text
    if "This system is locked" in text:
        return known(locked=True, unlocked="successfully unlocked" in text, methods=["password"])
    if methods := _METHODS.search(text):
        reason = "key refused: not accepted, or the disk is still locked after a reboot"
        return refused(reason, locked=None, methods=comma_list(methods[1]))
    return {**otherwise(output), "locked": None}
