"""The node's clock: `date`, and `sntp`'s view of it."""

import re

from orchestrator.modules.macos.parsers.output import Output, Parsed, failed, known, otherwise
from orchestrator.modules.macos.parsers.values import integer

_SAMPLE = re.compile(
    r"([+-]?[0-9]{1,12}\.[0-9]{1,12})\s+\+/-\s+([0-9]{1,12}(?:\.[0-9]{1,12})?)(?:[ \t]+(\S+))?(?:[ \t]+(\S+))?"
)
_EXCHANGE = re.compile(r"sntp: Exchange failed: (.+)")
_DATE = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,12}|N))?")


def parse_sntp(output: Output) -> Parsed:
    """
    One measurement: `offset_s` is what must be added to the local clock (positive: the Mac is behind), `bound_s`
    its uncertainty, `server`, `address` (None where not printed), `failed_exchanges` before it succeeded.

    Numbers beside "Clock select failed" or an exit status other than 0 mean nothing and are not given.
    """
    troubles = [match[1].strip() for line in output.lines if (match := _EXCHANGE.search(line))]
    sample = _SAMPLE.search(output.stdout)
    if output.exit_code or "Clock select failed" in output.text or (troubles and not sample):
        reason = troubles[-1] if troubles else None
        told = failed(reason, failed_exchanges=len(troubles)) if reason else otherwise(output)
        return {**told, "offset_s": None, "bound_s": None}
    if not sample:
        return otherwise(output)
    offset = float(sample[1])
    return known(
        offset_s=offset,
        bound_s=float(sample[2]),
        local_clock="behind" if offset > 0 else "ahead" if offset < 0 else "equal",
        server=sample[3],
        address=sample[4],
        failed_exchanges=len(troubles),
    )


def parse_date(output: Output) -> Parsed:
    """
    `date +%s`, `date +%s.%N`, `$EPOCHREALTIME`: `seconds` since 1970 and `nanoseconds` (None where not printed).

    Before macOS 15.4 `%N` is printed as the letter N: the time is then whole seconds (`resolution_s` 1).
    """
    match = _DATE.fullmatch(output.stdout.strip())
    if not match:
        return otherwise(output)
    digits = match[2] if match[2] not in {None, "N"} else None
    return known(
        seconds=integer(match[1]),
        nanoseconds=int((digits + "0" * 9)[:9]) if digits else None,
        resolution_s=10.0 ** -min(len(digits), 9) if digits else 1.0,
        percent_n=None if match[2] is None else digits is not None,
    )
