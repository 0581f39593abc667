"""Where plug-ins look for ``Host``."""

from .data import Host

__all__ = ["Host"]
