"""Which machine and which system: sw_vers, SystemVersion.plist, sysctl, uname, id, system_profiler."""

import re
from typing import Any

from orchestrator.modules.macos.parsers.output import Output, Parsed, absent, known, otherwise, unknown
from orchestrator.modules.macos.parsers.structured import REDACTED, clean, from_json, from_xml_plist, sensitive
from orchestrator.modules.macos.parsers.values import identifier, integer, listed, size_bytes, typed

_BOOTTIME = re.compile(r"\{ sec = ([0-9]{1,12}), usec = ([0-9]{1,6}) \}.*")
_UNKNOWN_OID = re.compile(r"unknown oid '([^']*)'")
_SWAP = re.compile(r"(total|used|free) = ([0-9.,]+[KMGT]?)")
_UNAME = re.compile(r"(Darwin) (\S+) (\S+) (Darwin Kernel Version .*?); (root:\S+) (\S+)(?: (\S+))?")
_MODEL = re.compile(r"[A-Za-z]+[0-9]+,[0-9]+")
_ID = re.compile(r"\b(uid|gid|euid|egid)=([0-9]+)(?:\((.*?)\))?")
_GROUP = re.compile(r"([0-9]+)(?:\(([^)]*)\))?(?:,|$)")
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}")
_BARE = {
    "ProductVersion": _VERSION,
    "ProductBuildVersion": re.compile(r"[0-9]{2}[A-Z][0-9]{1,7}[a-z]?"),
    "ProductVersionExtra": re.compile(r"\([a-z]\)"),
}
"""What `sw_vers` prints when it is asked for one of them alone, by its form."""


def parse_sw_vers(output: Output) -> Parsed:
    """
    Patch level: `version` (and its `numbers`, to compare), `extra`, `build`.

    A Rapid Security Response changes extra and build and leaves the version alone, so all three make the level.
    """
    said = {name.strip(): value.strip() for line in output.rows for name, _, value in [line.partition(":")]}
    if "ProductVersion" not in said:
        bare = output.stdout.strip()
        name = next((name for name, form in _BARE.items() if form.fullmatch(bare)), None)
        return known(**_version({name: bare})) if name else otherwise(output)
    return known(**_version({**said, "ProductBuildVersion": said.get("BuildVersion")}))


def parse_system_version(output: Output) -> Parsed:
    """SystemVersion.plist in the form of `sw_vers`, its other keys under `more`."""
    found = from_xml_plist(output.text)
    if not isinstance(found, dict) or not isinstance(found.get("ProductVersion"), str):
        return otherwise(output)
    names = {"ProductName", "ProductVersion", "ProductVersionExtra", "ProductBuildVersion"}
    return known(**_version(found), more={key: value for key, value in found.items() if key not in names})


def _version(said: dict[str, Any]) -> Parsed:
    version = said.get("ProductVersion")
    numbers = [int(part) for part in version.split(".")] if version and _VERSION.fullmatch(version) else None
    return {
        "name": said.get("ProductName"),
        "version": version,
        "numbers": numbers,
        "extra": said.get("ProductVersionExtra") or None,
        "build": said.get("ProductBuildVersion"),
    }


def parse_sysctl(output: Output) -> Parsed:
    """
    `values` by name; `boot_time` {sec, usec} since 1970 (the date behind it is local time without a zone: dropped);
    `unknown_names`: those this kernel does not have, which sysctl names on stderr while it prints the others.
    """
    pairs = [line.partition(":") for line in output.rows if re.match(r"\s*[\w.]+\s*[:=]", line)]
    values = {name.strip(): typed(value) for name, mark, value in pairs if mark}
    missing = _UNKNOWN_OID.findall(output.text)
    bare = next((line for line in output.rows if _BOOTTIME.fullmatch(line.strip())), "")
    if not values and not missing and not bare:
        return otherwise(output)
    boot = _BOOTTIME.fullmatch(str(values.get("kern.boottime", bare.strip())))
    if boot:
        values.pop("kern.boottime", None)
    return known(
        values=values,
        boot_time={"sec": int(boot[1]), "usec": int(boot[2])} if boot else None,
        unknown_names=missing,
    )


def parse_sysctl_model(output: Output) -> Parsed:
    """`model` (found by its shape), `virtual`, and all `values` in the order they were asked for (sysctl -n)."""
    values = [line.strip().removeprefix("hw.model:").strip() for line in output.rows]
    model = next((value for value in values if _MODEL.fullmatch(value)), None)
    if not values:
        return otherwise(output)
    if model is None:
        return unknown("no line looks like a model", values=values)
    return known(
        model=model,
        virtual=model.startswith(("VirtualMac", "VMware", "Parallels")),
        values=[typed(value) for value in values],
        unknown_names=_UNKNOWN_OID.findall(output.stderr),
    )


def parse_swap(output: Output) -> Parsed:
    """Swap in bytes: `total_bytes`, `used_bytes`, `free_bytes` (printed with two decimals of a MB), `encrypted`."""
    sizes = {f"{name}_bytes": size_bytes(size) for name, size in _SWAP.findall(output.stdout)}
    return known(**sizes, encrypted="(encrypted)" in output.stdout) if len(sizes) == 3 else otherwise(output)


def parse_uname(output: Output) -> Parsed:
    """`kernel`, `host`, `release` with the macOS major version it belongs to, `machine` (arm64 or x86_64)."""
    match = next((found for line in output.rows if (found := _UNAME.fullmatch(line.strip()))), None)
    if not match:
        return otherwise(output)
    return known(
        kernel=match[1],
        host=match[2],
        release=match[3],
        macos_major=_macos_major(match[3]),
        version=match[4],
        build=match[5],
        machine=match[6],
        extra=match[7],
    )


def _macos_major(release: str) -> int | None:
    """Darwin 20 to 24 are macOS 11 to 15; from 25 on macOS is one ahead; before 20 it was 10.x."""
    darwin = integer(release.partition(".")[0])
    if darwin is None or darwin < 5:
        return None
    if darwin < 20:
        return 10
    return darwin - 9 if darwin < 25 else darwin + 1


def parse_id(output: Output) -> Parsed:
    """The user of `id`: `uid`, `user`, `gid`, `group`, and `groups` as {gid, name}; names are None where unresolved."""
    line = output.rows[0] if output.rows else ""
    ids = {name: (integer(number), given or None) for name, number, given in _ID.findall(line)}
    if "uid" not in ids:
        return absent("no such user") if "no such user" in output.text else otherwise(output)
    groups = [{"gid": integer(gid), "name": name or None} for gid, name in _GROUP.findall(line.partition("groups=")[2])]
    return known(
        uid=ids["uid"][0],
        user=ids["uid"][1],
        gid=ids.get("gid", (None, None))[0],
        group=ids.get("gid", (None, None))[1],
        groups=groups,
        admin=any(group["gid"] == 80 for group in groups) if groups else None,
    )


def parse_hardware(output: Output) -> Parsed:
    """
    SPHardwareDataType, from JSON or from the plain report. Serial number and UUIDs read "redacted".

    `memory_bytes`; `processors` is the list of counts (total, performance, efficiency on hardware; total on a VM).
    """
    found = from_json(output.stdout)
    rows = listed(found.get("SPHardwareDataType")) if isinstance(found, dict) else []
    fields = rows[0] if rows and isinstance(rows[0], dict) else _plain_report(output)
    model = fields.get("machine_model") or fields.get("model_identifier")
    if not fields or model is None:
        return otherwise(output, quote=False)
    counts = re.findall(r"[0-9]{1,6}", str(fields.get("number_processors", fields.get("total_number_of_cores", ""))))
    return known(
        model=model,
        chip=fields.get("chip_type") or fields.get("chip") or fields.get("cpu_type"),
        memory_bytes=size_bytes(str(fields.get("physical_memory") or fields.get("memory"))),
        processors=[int(count) for count in counts],
        virtual=str(model).startswith("VirtualMac"),
        fields=fields,
    )


def _plain_report(output: Output) -> dict[str, Any]:
    pairs = (line.partition(": ") for line in output.rows)
    fields = {identifier(name): value.strip() for name, mark, value in pairs if mark}
    redacted = {name: REDACTED if sensitive(name) else value for name, value in fields.items()}
    return dict(clean(redacted))
