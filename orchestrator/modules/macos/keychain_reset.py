"""This module resets a keychain between rehearsals: gone, or fresh and empty; search list and default are put right.

Meant for keychains that rehearsals made for themselves. The login keychain is touched only where `allow_login_reset`
names this very host. Lock state belongs to the SSH session, so nothing here unlocks anything for the screen's session.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator, Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.model.secrets import Secret
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE
from orchestrator.modules.macos.probing import MISSING, PROBE, Answer, read, whole_seconds
from orchestrator.modules.types import Bool, Float, Int, Str

KEYCHAIN_SH = script("keychain_reset", __file__)
LOGIN = re.compile(r"(.*/)?login(\.keychain(-db)?)?")
SYSTEM = re.compile(r"(/System)?/Library/Keychains/.*|(.*/)?System(Root\w*)?\.keychain(-db)?")
BROWSERS = "Google Chrome|Microsoft Edge|Brave Browser|Arc|Chromium|Safari"
LINE_BYTES = 1000
"""Well below the 4096 bytes that one line of `security -i` may have, the path included."""


class KeychainArgs(Args):
    keychain: Str = Field(
        pattern=r'^[^"\\\n]+$', description="A name in ~/Library/Keychains, an absolute path, or `login`."
    )
    state: Literal["absent", "fresh"] = Field("absent", description="Gone, or there and empty, with `password`.")
    password: Str | None = Field(None, repr=False, description="Opens the keychain; needed for `fresh`.")
    lock_on_sleep: Bool = Field(False, description="Lock when the Mac sleeps.")
    lock_after_s: Int | None = Field(None, ge=1, description="Lock after so many idle seconds; left out: never.")
    search: Bool = Field(True, description="Stand first in the user's search list.")
    default: Bool = Field(False, description="Be the user's default keychain, for programs that write there.")
    allow_login_reset: Str | None = Field(
        None, description="This host's inventory name, typed out: allows to reset its login keychain."
    )
    limit_s: Float = Field(20, ge=1, le=300, description="The limit of each call; a hang means a dialog on the screen.")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if SYSTEM.fullmatch(self.keychain):
            raise ValueError("the System keychains are never touched")
        if self.state == "fresh" and not self.password:
            raise ValueError("state `fresh` needs a `password`")
        if self.password and (len(self.password.encode()) > LINE_BYTES or re.search(r"[\x00\r\n]", self.password)):
            raise ValueError(f"the password may have {LINE_BYTES} bytes and no line break")
        return self

    @property
    def is_login(self) -> bool:
        return LOGIN.fullmatch(self.keychain) is not None

    def settings(self) -> str:
        """The options of set-keychain-settings; none at all means that it never locks by itself."""
        sleep = "-l" if self.lock_on_sleep else ""
        return f"{sleep} -u -t {self.lock_after_s}".strip() if self.lock_after_s else sleep


def quoted(text: str) -> str:
    """``text`` as one word of `security -i`, which knows quotes and backslashes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@frozen
class Seen:
    """What one look shows. ``items``: None where they could not be counted. ``fits``: it opens and locks as wanted."""

    file: str
    present: bool
    search_list: tuple[str, ...]
    default: str | None
    login: str | None
    noted_default: str | None = None
    has_note: bool = False
    items: int | None = None
    fits: bool | None = None
    trouble: str | None = None

    def wanted_list(self, args: KeychainArgs) -> tuple[str, ...]:
        others = tuple(path for path in self.search_list if path != self.file)
        return (self.file, *others) if args.state == "fresh" and args.search else others

    def wanted_default(self, args: KeychainArgs) -> str | None:
        """The default keychain afterwards; None where it is to be left as it is."""
        if args.state == "fresh" and args.default:
            return self.file
        if self.default not in (self.file, self.login, None) or not (self.has_note or self.default == self.file):
            return None
        back = self.noted_default if self.noted_default not in (None, "", self.file) else self.login
        return None if back == self.file else back

    def differences(self, args: KeychainArgs) -> list[str]:
        found = []
        if args.state == "absent" and self.present:
            found.append("keychain")
        if args.state == "fresh" and not (self.present and self.items == 0 and self.fits):
            found.append("keychain")
        if self.wanted_list(args) != self.search_list:
            found.append("search_list")
        if (wanted := self.wanted_default(args)) is not None and wanted != self.default:
            found.append("default")
        if args.state == "absent" and self.has_note:
            found.append("note")
        return found

    def shown(self) -> str:
        items = "unknown number of" if self.items is None else self.items
        there = f"there, {items} items" if self.present else "absent"
        return f"keychain: {there}\nsearch_list: {list(self.search_list)}\ndefault: {self.default}\n"


def _paths(answer: Answer) -> tuple[str, ...]:
    return tuple(answer.parsed("security-list-keychains").get("keychains", ()))


def seen_from(reply: Reply, answers: Mapping[str, Answer], args: KeychainArgs) -> Seen:
    """The state as one program's answers show it."""
    listed, default = answers.get("list", MISSING), answers.get("default", MISSING)
    read_list = listed.parsed("security-list-keychains")
    trouble = None if read_list["status"] == "known" else f"the search list cannot be read: {listed.said}"
    note = reply.first("note")
    return Seen(
        file=reply.first("file") or "",
        present=reply.first("present") == "true",
        search_list=_paths(listed),
        default=next(iter(_paths(default)), None),
        login=next(iter(_paths(answers.get("login", MISSING))), None),
        noted_default=note,
        has_note=note is not None,
        items=_items(answers.get("items")),
        fits=_fits(answers.get("open"), args),
        trouble=trouble,
    )


def _items(answer: Answer | None) -> int | None:
    """dump-keychain prints one `keychain:` line an item; it works on a locked keychain too."""
    if answer is None or answer.rc != 0:
        return None
    return sum(line.startswith("keychain: ") for line in answer.output.rows)


def _fits(answer: Answer | None, args: KeychainArgs) -> bool | None:
    if answer is None or answer.late:
        return None
    if answer.parsed("security-interactive").get("failures"):
        return False
    info = answer.parsed("security-show-keychain-info")
    if info["status"] != "known":
        return False
    return bool(info["lock_on_sleep"] == args.lock_on_sleep and info["timeout_s"] == args.lock_after_s)


def keychain_steps(args: KeychainArgs, ctx: Context) -> Steps:
    if args.is_login and args.allow_login_reset != ctx.host:
        return failure(
            f"{args.keychain} is the login keychain: to reset it, write `allow_login_reset: {ctx.host}`",
            keychain=args.keychain,
        )
    looked = yield from _ask("keychain_look", args, ctx)
    if isinstance(looked, Result):
        return looked
    before, answers = looked
    if refused := _refusal(args, before, answers):
        return refused
    fields = before.differences(args)
    if not fields or ctx.check:
        return _result(args, before, before, fields, predicted=bool(fields))
    main = "keychain_remove" if args.state == "absent" else "keychain_renew"
    if args.state == "fresh" and "keychain" not in fields:
        main = "keychain_lists"
    done = yield from _ask(main, args, ctx, before)
    if isinstance(done, Result):
        return done
    after, said = done
    return _unproven(args, after, said) or _result(args, before, after, fields)


def _refusal(args: KeychainArgs, before: Seen, answers: Mapping[str, Answer]) -> Result | None:
    """What forbids to go on: answers that are missing, a hang, a browser that would lose its cookies."""
    late = [name for name, answer in answers.items() if answer.late]
    if late:
        calls = ", ".join(answers[name].command for name in late)
        return failure(f"no answer within {args.limit_s:g} s: a dialog may be on the screen ({calls})", unknown=late)
    if before.trouble:
        return failure(before.trouble, file=before.file)
    if args.is_login and answers.get("browsers", MISSING).rc == 0:
        return failure("a browser runs: it would delete cookies that it cannot decrypt; run `browser_reset` first")
    return None


def _ask(
    main: str, args: KeychainArgs, ctx: Context, before: Seen | None = None
) -> Generator[Run, Reply, tuple[Seen, dict[str, Answer]] | Result]:
    word = secrets.token_hex(8)
    wanted_list = before.wanted_list(args) if before else ()
    reply = yield Run(
        main=main,
        scripts=(PRELUDE, PROBE, KEYCHAIN_SH),
        values={
            "keychain": args.keychain,
            "password_quoted": Secret(quoted(args.password)) if args.password else "",
            "settings": args.settings(),
            "check_word": Secret(word),
            "search_list": "\n".join(wanted_list),
            "default_before": (before.default or "") if before else "",
            "default_after": (before.wanted_default(args) or "") if before else "",
            "browsers": BROWSERS if args.is_login else "",
            "probe_limit_s": whole_seconds(args.limit_s),
        },
        environment=ctx.environment,
        repeatable=True,
    )
    answers = read(reply)
    if isinstance(answers, Result):
        return answers
    found = seen_from(reply, answers, args)
    verified = answers.get("verify")
    if verified is not None and word not in verified.output.stdout.split():
        return failure(
            f"the fresh keychain did not give back what was written into it: {verified.said}", file=found.file
        )
    return found, answers


def _unproven(args: KeychainArgs, after: Seen, answers: Mapping[str, Answer]) -> Result | None:
    """The failed result where the second look does not show what was wanted."""
    for name in ("delete", "create", "set_list", "set_default"):
        answer = answers.get(name)
        if answer is not None and (answer.late or answer.rc != 0):
            return failure(f"{answer.command}: {answer.said}", **_data(after))
    problems = []
    if after.present != (args.state == "fresh"):
        problems.append("the keychain is still there" if after.present else "the keychain is not there")
    if args.state == "fresh" and after.items not in (0, None):
        problems.append(f"it holds {after.items} items")
    if after.wanted_list(args) != after.search_list:
        problems.append("the search list is another one")
    if (wanted := after.wanted_default(args)) is not None and wanted != after.default:
        problems.append("the default keychain is another one")
    return failure(f"applied, yet not so: {', '.join(problems)}", **_data(after)) if problems else None


def _data(seen: Seen) -> dict[str, Any]:
    return {
        "file": seen.file,
        "present": seen.present,
        "search_list": list(seen.search_list),
        "default": seen.default,
        "items": seen.items,
    }


def _result(args: KeychainArgs, before: Seen, after: Seen, fields: list[str], *, predicted: bool = False) -> Result:
    wanted = f"keychain: {args.state}\nsearch_list: {list(before.wanted_list(args))}\n"
    wanted += f"default: {before.wanted_default(args) or before.default}\n"
    diff = (Diff(before.shown(), wanted if predicted else after.shown()),) if fields else ()
    msg = None
    if args.is_login and fields and not predicted:
        msg = "the login keychain was reset: log out and in (or reboot) before the screen's programs use it"
    return Result(changed=bool(fields), msg=msg, data={"changed_fields": fields, **_data(after)}, diff=diff)


KEYCHAIN_RESET = Module(
    "keychain_reset",
    KeychainArgs,
    keychain_steps,
    "Takes a rehearsal's keychain away, or makes it fresh and empty; search list and default are put right.",
    returns={
        "file": "The keychain's file.",
        "changed_fields": "What differed: keychain, search_list, default, note.",
        "search_list": "The user's search list now.",
        "default": "The user's default keychain now.",
        "items": "How many items it holds; null where that could not be counted.",
    },
)
