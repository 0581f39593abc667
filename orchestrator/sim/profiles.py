"""The macOS releases a simulated Mac can be, with the numbers real machines of that release print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MacOS:
    """One release: what `sw_vers` and `uname` say.

    Versions and builds were seen on public CI runners and Macs in 2026. The kernel line of 26.5 is recorded; the
    others have its shape with the release's Darwin number, and their xnu number is made up.
    """

    major: int
    version: str
    build: str
    darwin: str
    xnu: str
    built: str
    extra: str = ""

    @property
    def kernel(self) -> str:
        """The text of `uname -v`."""
        return f"Darwin Kernel Version {self.darwin}: {self.built}; root:xnu-{self.xnu}/RELEASE_ARM64_VMAPPLE"


PROFILES = {
    13: MacOS(13, "13.7.8", "22H730", "22.6.0", "8796.141.3~1", "Thu Jul 31 20:00:00 PDT 2025"),
    14: MacOS(14, "14.8.7", "23J520", "23.6.0", "10063.141.1~2", "Wed Mar 11 20:00:00 PDT 2026"),
    15: MacOS(15, "15.7.9", "24G830", "24.6.0", "11417.140.69~1", "Mon Jun 15 20:00:00 PDT 2026"),
    26: MacOS(26, "26.6.2", "25G83", "25.6.0", "12377.161.1~1", "Mon Aug  3 20:41:26 PDT 2026"),
    27: MacOS(27, "27.0", "26A428", "26.0.0", "13000.1.1~1", "Fri Aug 28 20:00:00 PDT 2026"),
}
