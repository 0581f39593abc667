"""Text that is no template: since ansible-core 2.19 all is that nobody vouches for."""

from __future__ import annotations

from typing import Any

AnsibleUnsafeText = str
AnsibleUnsafeBytes = bytes


def wrap_var(v: Any) -> Any:
    """``v`` as it is."""
    return v
