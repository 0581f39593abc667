"""This module clears browsers' sessions between rehearsals: cookies, storage, caches, open tabs, history.

A browser is quit politely and proven to be gone first, then its data is cleared, then looked for again. What macOS does
not let us see is *not permitted*: unknown, never clean. Reset browsers before keychains: a Chromium browser that finds
its keychain locked or gone deletes the cookies that it cannot decrypt.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from orchestrator.model.frozen import frozen
from orchestrator.model.program import Reply, Run, Sleep, Steps
from orchestrator.model.results import Diff, Result, failure
from orchestrator.modules.base import Args, Context, Module, script
from orchestrator.modules.declared import PRELUDE, refusal
from orchestrator.modules.macos.browser_recipes import CLASSES, RECIPES, Class, Names, Recipe, chromium
from orchestrator.modules.types import Bool, Float, StrList

BROWSER_SH = script("browser_reset", __file__)
POLL_S = 0.5


class BrowserArgs(Args):
    browsers: StrList = Field(default_factory=list, description=f"Which browsers: {', '.join(RECIPES)}.")
    user_data_dirs: StrList = Field(
        default_factory=list, description="Further data directories of Chromium's kind, as automation uses them."
    )
    clear: StrList = Field(
        default_factory=lambda: [*map(str, CLASSES)], description=f"What to clear: {', '.join(CLASSES)}."
    )
    quit_s: Float = Field(10, ge=0, le=120, description="How long a browser has to quit after SIGTERM.")
    force: Bool = Field(False, description="End with SIGKILL what has not quit by then, instead of failing.")
    denied: Literal["fail", "report"] = Field(
        "fail", description="What to do where macOS refuses to show data: fail, or only report it as unknown."
    )

    @field_validator("browsers")
    @classmethod
    def _known_browsers(cls, names: list[str]) -> list[str]:
        if unknown := [name for name in names if name not in RECIPES]:
            raise ValueError(f"unknown: {', '.join(unknown)}; there are {', '.join(RECIPES)}")
        return names

    @field_validator("clear")
    @classmethod
    def _known_classes(cls, names: list[str]) -> list[str]:
        if unknown := [name for name in names if name not in CLASSES]:
            raise ValueError(f"unknown: {', '.join(unknown)}; there are {', '.join(CLASSES)}")
        return names

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.browsers and not self.user_data_dirs:
            raise ValueError("name some `browsers` or `user_data_dirs`")
        if bad := [path for path in self.user_data_dirs if path[:1] not in ("/", "~") or path.rstrip("/") in ("", "~")]:
            raise ValueError(f"not an absolute data directory: {', '.join(bad)}")
        return self

    def recipes(self) -> list[Recipe]:
        named = [RECIPES[name] for name in dict.fromkeys(self.browsers)]
        return [*named, *(chromium(path, None, path) for path in dict.fromkeys(self.user_data_dirs))]


@frozen
class Look:
    """One look at a browser: paths to clear, folders that may not be read, processes, a lock of a live process."""

    root: str
    targets: tuple[str, ...]
    denied: tuple[str, ...]
    pids: tuple[str, ...]
    lock: str | None = None
    kept: tuple[str, ...] = ()

    @property
    def reachable(self) -> tuple[str, ...]:
        """The targets that lie in no folder that is refused to us."""
        return tuple(path for path in self.targets if not any(path.startswith(f"{place}/") for place in self.denied))


def look_from(reply: Reply) -> Look:
    return Look(
        root=reply.first("root") or "",
        targets=tuple(dict.fromkeys(reply.all("target"))),
        denied=tuple(reply.all("denied")),
        pids=tuple(dict.fromkeys(reply.all("pid"))),
        lock=reply.first("lock"),
        kept=tuple(reply.all("kept")),
    )


def patterns(names: Names, classes: Iterable[str]) -> str:
    chosen: list[Class] = [one for one in CLASSES if one in set(classes)]
    return "\n".join(pattern for one in chosen for pattern in names.get(one, ()))


def _run(main: str, recipe: Recipe, args: BrowserArgs, ctx: Context, signal: str = "TERM") -> Run:
    return Run(
        main=main,
        scripts=(PRELUDE, BROWSER_SH),
        values={
            "root": recipe.root,
            "process": recipe.process or "",
            "profiles": "\n".join(recipe.profiles),
            "inside": patterns(recipe.inside, args.clear),
            "beside": patterns(recipe.beside, args.clear),
            "below_home": patterns(recipe.home, args.clear),
            "guarded": "\n".join(recipe.guarded),
            "signal": signal,
        },
        environment=ctx.environment,
        repeatable=True,
    )


def reset(recipe: Recipe, args: BrowserArgs, ctx: Context) -> Generator[Run | Sleep, Reply, dict[str, Any] | Result]:
    """One browser's reset, as the mapping that is reported for it; the failed result where it did not work."""
    reply = yield _run("browser_look", recipe, args, ctx)
    if refused := refusal(reply):
        return refused
    before = look_from(reply)
    if not before.reachable or ctx.check:
        return _told(recipe, before, before.reachable)
    if before.pids:
        stuck = yield from quit_browser(recipe, args, ctx, before)
        if stuck:
            return stuck
    reply = yield _run("browser_clear", recipe, args, ctx)
    if refused := refusal(reply):
        return refused
    after = look_from(reply)
    if after.pids:
        return failure(f"{recipe.name} was started again while it was cleared (pid {', '.join(after.pids)})")
    if unmoved := after.reachable:
        why = "; ".join(after.kept) or "it came back"
        msg = f"{recipe.name}: {len(unmoved)} of {len(before.reachable)} are still there: {why}"
        return failure(msg, left=list(unmoved))
    return _told(recipe, after, before.reachable, before.pids)


def quit_browser(
    recipe: Recipe, args: BrowserArgs, ctx: Context, before: Look
) -> Generator[Run | Sleep, Reply, Result | None]:
    """SIGTERM, and wait until the last process is gone; SIGKILL only where ``force`` says so."""
    pids = before.pids
    for signal, limit_s in (("TERM", args.quit_s), ("KILL", 5.0)):
        if signal == "KILL" and not args.force:
            break
        yield _run("browser_quit", recipe, args, ctx, signal)
        waited_s = 0.0
        while True:
            reply = yield _run("browser_users", recipe, args, ctx)
            if refused := refusal(reply):
                return refused
            if not (pids := look_from(reply).pids):
                return None
            if waited_s >= limit_s:
                break
            yield Sleep(POLL_S)
            waited_s += POLL_S
    return failure(
        f"{recipe.name} did not quit within {args.quit_s:g} s (pid {', '.join(pids)}); nothing was cleared;"
        " quit it at the screen, or use `force: true`",
        pids=list(pids),
    )


def _told(recipe: Recipe, seen: Look, cleared: tuple[str, ...], quit_pids: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "browser": recipe.name,
        "root": seen.root,
        "cleared": list(cleared),
        "not_permitted": list(seen.denied),
        "quit_pids": [int(pid) for pid in quit_pids],
        "lock_held_by": seen.lock,
    }


def browser_steps(args: BrowserArgs, ctx: Context) -> Steps:
    told: list[dict[str, Any]] = []
    failures: list[Result] = []
    for recipe in args.recipes():
        done = yield from reset(recipe, args, ctx)
        if isinstance(done, Result):
            failures.append(done)
        else:
            told.append(done)
    return _result(args, told, failures)


def _result(args: BrowserArgs, told: list[dict[str, Any]], failures: list[Result]) -> Result:
    cleared = [path for one in told for path in one["cleared"]]
    denied = [path for one in told for path in one["not_permitted"]]
    messages = [str(one.msg) for one in failures]
    if denied:
        messages.append(
            f"not permitted, so unknown and not clean: {', '.join(denied)}; give remote users Full Disk Access"
            " (Sharing, Remote Login) or clear it at the screen"
        )
    before = "".join(f"{path}\n" for path in cleared)
    return Result(
        changed=bool(cleared),
        failed=bool(failures) or (bool(denied) and args.denied == "fail"),
        msg="; ".join(messages) or None,
        data={"browsers": told, "cleared": len(cleared), "not_permitted": denied},
        diff=(Diff(before, "", "there", "cleared"),) if cleared else (),
    )


BROWSER_RESET = Module(
    "browser_reset",
    BrowserArgs,
    browser_steps,
    "Quits browsers and clears their cookies, storage, caches, sessions and history; keeps extensions and bookmarks.",
    returns={
        "browsers": "For each: browser, root, cleared (paths), not_permitted (paths), quit_pids, lock_held_by.",
        "cleared": "How many paths were (in check mode: would be) cleared.",
        "not_permitted": "Folders that macOS did not let us see: unknown, not clean.",
    },
)
