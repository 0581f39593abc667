"""300 hosts, one that never answers and three that flood: ``python -m tests.chaos.flood [--keep]`` has figures.

All hosts are names of one sshd, each with a shell and a spool of its own. The play runs twice, first without the harm:
what the bad hosts cost the controller is the difference of its peak memories (``ru_maxrss``, that is VmHWM). Start
this from a small process: a child's ``ru_maxrss`` begins with what its parent had.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestrator.modules.builtin.command import OUTPUT_BYTES
from tests.bench.lab import ORCH, Cost, Lab, lab
from tests.bench.line import line
from tests.chaos.figures import keep

HOSTS, FORKS = 300, 24
STALLED = "h7"
HARM = {STALLED: "stalled", "h8": "flooding", "h9": "noise", "h10": "lines"}
"""One never answers; one writes 1 GB of text, one 200 MB of random bytes, one all that is kept in short lines."""
TIMEOUT_S = 60
"""Of the second task; the stalled host would sleep for an hour."""
FLOOD_BYTES, NOISE_BYTES = 10**9, 200 * 10**6
LINES_BYTES = OUTPUT_BYTES - OUTPUT_BYTES % 3
"""What is written; at most OUTPUT_BYTES are kept (docs/reference/limits.md)."""
MOST_MB = 64
"""What they may cost the controller all together."""
FLOOD_LINE = "a line of a log, as long as such lines are, that a broken service writes again and again"
PLAY = """\
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - name: first
      shell: echo {{ inventory_hostname }} first >>{{ log }}; echo first {{ inventory_hostname }}
    - name: second
      shell: |
        echo {{ inventory_hostname }} second >>{{ log }}
        case {{ harm | default('none') }} in
        stalled) sleep 3600 ;;
        flooding) yes '{{ flood_line }}' | head -c {{ flood_bytes }} ;;
        noise) head -c {{ noise_bytes }} /dev/urandom ;;
        lines) yes ab | head -c {{ lines_bytes }} ;;
        *) echo second {{ inventory_hostname }} ;;
        esac
      timeout: "{{ timeout_s }}"
      register: answer
    - name: third
      shell: echo {{ inventory_hostname }} third >>{{ log }}; echo third {{ answer.stdout | length }}
"""


@dataclass(frozen=True)
class Found:
    """One run: what it took, how often each ``HOST TASK`` had its effect, and its events."""

    cost: Cost
    effects: Counter[str]
    left: int
    """Spools that were not removed."""
    events: Sequence[Mapping[str, Any]]

    def results(self, host: str) -> list[tuple[str, Mapping[str, Any]]]:
        """(outcome, result) of each task of ``host``, in order."""
        return [(each["outcome"], each["result"]) for each in self._done() if each["host"] == host]

    def others_done_s(self) -> float:
        """When the last task of the last host that nobody harmed was done, counted from the beginning of the run."""
        ends = [each["at"] for each in self._done() if each["host"] not in HARM]
        began, ended = (datetime.fromisoformat(at) for at in (self.events[0]["at"], max(ends)))
        return (ended - began).total_seconds()

    def _done(self) -> Iterator[Mapping[str, Any]]:
        return (each for each in self.events if each["kind"] == "TaskDone")


def played(laboratory: Lab, harm: Mapping[str, str]) -> Found:
    """The play on all hosts; ``harm``: host → stalled or flooding."""
    home = laboratory.home / f"harmed-{len(harm)}"
    for each in ("spools", "host_vars"):
        (home / each).mkdir(parents=True)
    for host, kind in harm.items():
        (home / "host_vars" / f"{host}.yml").write_text(f"harm: {kind}\n")
    sizes = {"flood_bytes": FLOOD_BYTES, "noise_bytes": NOISE_BYTES, "lines_bytes": LINES_BYTES}
    given = {"log": home / "log", "flood_line": FLOOD_LINE, "timeout_s": TIMEOUT_S, **sizes}
    (home / "vars.json").write_text(json.dumps(given, default=str))
    (home / "play.yml").write_text(PLAY)
    inventory = laboratory.inventory(HOSTS, laboratory.sshd.port, ansible_remote_tmp=str(home / "spools"))
    words = [str(home / "play.yml"), "-i", str(inventory), "-e", f"@{home / 'vars.json'}", "--forks", str(FORKS)]
    with line(laboratory.sshd.port, 0) as between:
        cost = laboratory.cost([*ORCH, *words], between)
    show = [*ORCH[:-1], "runs", "show", "--json"]
    shown = subprocess.run(show, env=laboratory.environment(), stdout=subprocess.PIPE, timeout=120, check=True).stdout
    effects = Counter((home / "log").read_text().splitlines())
    return Found(cost, effects, len(list((home / "spools").iterdir())), [*map(json.loads, shown.splitlines())])


def wrong(found: Found, harm: Mapping[str, str]) -> Iterator[str]:
    """What is not as it should be."""
    if found.cost.status != (2 if harm else 0):
        yield f"status {found.cost.status}: {found.cost.output[-2000:]}"
    names = [f"h{number}" for number in range(1, HOSTS + 1)]
    due = Counter(f"{name} {task}" for name in names for task in ("first", "second", "third"))
    if STALLED in harm:
        del due[f"{STALLED} third"]
    if found.effects != due:
        yield f"missing {due - found.effects}, too many {found.effects - due}"
    if found.left:
        yield f"{found.left} spools are left"
    for name in names:
        if not (check := CHECKS[harm.get(name, "none")])(name, found.results(name)):
            yield f"{name} ({check.__name__}): {str(found.results(name))[:2000]}"


Results = list[tuple[str, Mapping[str, Any]]]


def _is_well(name: str, results: Results) -> bool:
    said = [f"first {name}", f"second {name}", f"third {len(f'second {name}')}"]
    return [(outcome, result["stdout"]) for outcome, result in results] == [("changed", each) for each in said]


def _is_stalled(name: str, results: Results) -> bool:
    """The second task was ended by its limit, and was the last one."""
    return [outcome for outcome, _ in results] == ["changed", "failed"] and "timedout" in results[1][1]


def _is_flooded(name: str, results: Results) -> bool:
    """All went well, stdout was cut and says so, and the next task had all that was kept."""
    (_, _), (_, second), (_, third) = results
    is_said = second.get("capped") == ["stdout"] and third["stdout"] == f"third {OUTPUT_BYTES}"
    return is_said and all(outcome == "changed" for outcome, _ in results)


def _is_noisy(name: str, results: Results) -> bool:
    """As flooded; how many characters random bytes make is not known before."""
    (_, _), (_, second), (_, third) = results
    is_said = second.get("capped") == ["stdout"] and 0 < int(third["stdout"].split()[1]) <= OUTPUT_BYTES
    return is_said and all(outcome == "changed" for outcome, _ in results)


def _is_lined(name: str, results: Results) -> bool:
    """All text was kept, and not each of its lines one by one."""
    (_, _), (_, second), (_, third) = results
    is_said = second.get("capped") == ["stdout_lines"] and third["stdout"] == f"third {LINES_BYTES - 1}"
    return is_said and all(outcome == "changed" for outcome, _ in results)


CHECKS = {"none": _is_well, "stalled": _is_stalled, "flooding": _is_flooded, "noise": _is_noisy, "lines": _is_lined}


def main(words: Sequence[str]) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home, lab(Path(home)) as laboratory:
        calm, harmed = played(laboratory, {}), played(laboratory, HARM)
    mistakes = [*wrong(calm, {}), *wrong(harmed, HARM)]
    print("\n".join(mistakes))
    more_mb = round(harmed.cost.peak_mb - calm.cost.peak_mb, 1)
    figures = {
        "hosts": HOSTS,
        "wrong": len(mistakes),
        "peak_mb": harmed.cost.peak_mb,
        "peak_mb_without": calm.cost.peak_mb,
        "more_mb": more_mb,
        "others_done_s": round(harmed.others_done_s(), 1),
        "others_done_s_without": round(calm.others_done_s(), 1),
        "spent_s": round(time.monotonic() - began),
    }
    print(json.dumps(figures))
    if "--keep" in words:
        keep("flood", **figures)
    return 1 if mistakes or more_mb > MOST_MB else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
