"""``typing``, under the name that modules know."""

from typing import *  # noqa: F403
