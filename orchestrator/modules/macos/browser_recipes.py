"""Where browsers keep what a rehearsal leaves behind, as data: one recipe a browser, one list of names a class.

Paths below the home and process names: docs/reference, "browser sessions". Kept on purpose: extensions, bookmarks,
saved logins, preferences, and Firefox's places.sqlite, which holds history and bookmarks in one file.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from orchestrator.model.frozen import frozen

Class = Literal["cookies", "storage", "cache", "sessions", "history"]
CLASSES: tuple[Class, ...] = ("cookies", "storage", "cache", "sessions", "history")
Names = dict[Class, tuple[str, ...]]


@frozen
class Recipe:
    """One browser. ``process``: the main program's name. ``root``: its data, with profiles below it.

    ``inside``: names within each profile; ``beside``: names within the root; ``home``: paths below the home.
    ``guarded``: folders that macOS shows only to programs with Full Disk Access.
    """

    name: str
    process: str | None
    root: str
    profiles: tuple[str, ...]
    inside: Names
    beside: Names = field(default_factory=dict)
    home: Names = field(default_factory=dict)
    guarded: tuple[str, ...] = ()


_CHROMIUM_INSIDE: Names = {
    "cookies": ("Cookies*", "Network/Cookies*", "Extension Cookies*", "Safe Browsing Cookies*", "Trust Tokens*"),
    "storage": (
        "Local Storage", "Session Storage", "IndexedDB", "databases", "File System", "Service Worker", "Storage",
        "WebStorage", "blob_storage", "shared_proto_db", "Shared Dictionary", "SharedStorage*",
    ),
    "cache": ("Cache", "Code Cache", "GPUCache", "Dawn*Cache", "Application Cache", "Media Cache", "Network/Cache"),
    "sessions": ("Sessions", "Current Session", "Current Tabs", "Last Session", "Last Tabs"),
    "history": (
        "History", "History-journal", "History Provider Cache", "Visited Links", "Top Sites*", "Shortcuts*",
        "Favicons*", "Network Action Predictor*", "DIPS*",
    ),
}  # fmt: skip
_CHROMIUM_BESIDE: Names = {"cache": ("ShaderCache", "GrShaderCache", "GraphiteDawnCache", "component_crx_cache")}
_CHROMIUM_PROFILES = ("Default", "Profile *", "Guest Profile")
_FIREFOX_INSIDE: Names = {
    "cookies": ("cookies.sqlite*",),
    "storage": ("storage", "storage.sqlite*", "webappsstore.sqlite*"),
    "cache": ("cache2", "startupCache", "shader-cache", "thumbnails"),
    "sessions": ("sessionstore*", "sessionCheckpoints.json"),
    "history": ("formhistory.sqlite*",),
}
_SAFARI = "Library/Containers/com.apple.Safari/Data/Library"
_SAFARI_HOME: Names = {
    "cookies": (f"{_SAFARI}/Cookies/*", "Library/Cookies/Cookies.binarycookies"),
    "storage": (
        f"{_SAFARI}/WebKit/*", "Library/Safari/LocalStorage", "Library/Safari/Databases",
        "Library/HTTPStorages/com.apple.Safari*",
    ),
    "cache": (f"{_SAFARI}/Caches/*", "Library/Caches/com.apple.Safari*"),
    "sessions": (
        "Library/Safari/LastSession.plist", f"{_SAFARI}/Safari/LastSession.plist",
        "Library/Saved Application State/com.apple.Safari.savedState",
    ),
    "history": ("Library/Safari/History.db*", f"{_SAFARI}/Safari/History.db*"),
}  # fmt: skip


def chromium(name: str, process: str | None, root: str, caches: tuple[str, ...] = ()) -> Recipe:
    """A browser of Chromium's family; ``caches`` are its folders below the home."""
    home: Names = {"cache": caches} if caches else {}
    return Recipe(name, process, root, _CHROMIUM_PROFILES, _CHROMIUM_INSIDE, _CHROMIUM_BESIDE, home)


_SUPPORT = "Library/Application Support"
RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        chromium("chrome", "Google Chrome", f"{_SUPPORT}/Google/Chrome", ("Library/Caches/Google/Chrome",)),
        chromium("edge", "Microsoft Edge", f"{_SUPPORT}/Microsoft Edge", ("Library/Caches/Microsoft Edge",)),
        chromium(
            "brave",
            "Brave Browser",
            f"{_SUPPORT}/BraveSoftware/Brave-Browser",
            ("Library/Caches/BraveSoftware/Brave-Browser",),
        ),
        chromium("arc", "Arc", f"{_SUPPORT}/Arc/User Data", ("Library/Caches/company.thebrowser.Browser",)),
        chromium("chromium", "Chromium", f"{_SUPPORT}/Chromium", ("Library/Caches/Chromium",)),
        chromium("openclaw", None, ".openclaw/browser/openclaw/user-data"),
        Recipe(
            "firefox",
            "firefox",
            f"{_SUPPORT}/Firefox/Profiles",
            ("*",),
            _FIREFOX_INSIDE,
            home={"cache": ("Library/Caches/Firefox/Profiles/*",)},
        ),
        Recipe(
            "safari",
            "Safari",
            "Library/Safari",
            (),
            {},
            home=_SAFARI_HOME,
            guarded=("Library/Safari", f"{_SAFARI}/Cookies", "Library/Cookies"),
        ),
    )
}
"""``openclaw`` is the default profile of that product's managed browser; other profiles go into ``user_data_dirs``."""
