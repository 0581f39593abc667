"""Texts and bytes, under the name by which older modules import them."""

from .common.text.converters import to_bytes, to_native, to_text

__all__ = ["to_bytes", "to_native", "to_text"]
