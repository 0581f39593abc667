"""Texts and bytes, under the name by which older modules import them."""

from .common.text.converters import to_bytes, to_native, to_text
from .six import PY3, binary_type, text_type

__all__ = ["PY3", "binary_type", "text_type", "to_bytes", "to_native", "to_text"]
