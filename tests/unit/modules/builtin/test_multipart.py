"""Forms with files, as they go over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.modules.builtin.multipart import multipart


def told(fields: dict[str, Any], data: bytes = b"one\n") -> str:
    kind, body = multipart(fields, lambda _name: data)
    return body.replace(kind.split('"')[1], "B")


def test_files_travel_in_base64_and_text_as_it_is() -> None:
    fields = {"t": "hi", "f": {"filename": "dir/a.txt"}, "c": {"content": "x", "mime_type": "text/x"}}
    assert told(fields) == (
        '--B\r\nContent-Type: text/x\r\nContent-Disposition: form-data; name="c"\r\n\r\nx\r\n'
        "--B\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n"
        'Content-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nb25lCg==\r\n\r\n'
        '--B\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="t"\r\n\r\nhi\r\n--B--\r\n'
    )


def test_another_encoding_and_another_name() -> None:
    plain = {"f": {"filename": "a.bin", "multipart_encoding": "7or8bit"}}
    assert "Content-Transfer-Encoding: 7bit\r\nContent-Type: application/octet-stream" in told(plain)
    assert "8bit" in told(plain, "é".encode())
    assert 'filename="n.txt"\r\n\r\nx' in told({"f": {"filename": "n.txt", "content": "x"}})


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (5, "value must be a string, or mapping, cannot be type int"),
        ({}, "at least one of filename or content must be provided"),
        ({"filename": "a", "multipart_encoding": "x"}, "multipart_encoding must be one of"),
    ],
)
def test_what_is_no_field_is_refused(field: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        told({"f": field})
