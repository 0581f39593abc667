import base64
import json
import shlex
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.secrets import Secret
from orchestrator.secrets.redact import COMMON, STARS, Redactor
from tests.integration.canaries import made
from tests.unit.secrets.corpus import corpus

SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=6, max_size=40).filter(
    lambda text: text.strip() == text and text.lower() not in COMMON and len(set(text)) > 2
)
ENCODERS = {
    "raw": str,
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "url": quote,
    "url, slashes too": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "json": lambda text: json.dumps(text)[1:-1],
    "json, other alphabets": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json in json": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "shell": lambda text: shlex.quote(text).removeprefix("'").removesuffix("'"),
    "repr": lambda text: repr(text)[1:-1],
}


@pytest.mark.parametrize("name", ENCODERS)
@given(secret=SECRETS, before=st.text("ab: '", max_size=5), after=st.text("ab, '", max_size=5))
def test_a_secret_is_hidden_in_every_encoding(name: str, secret: str, before: str, after: str) -> None:
    encoded = ENCODERS[name](secret)
    shown = Redactor({"s": secret}).text(before + encoded + after)
    assert encoded not in shown
    assert STARS in shown


@given(secret=SECRETS, before=st.binary(max_size=9), after=st.binary(max_size=9), is_url=st.booleans())
def test_a_secret_is_hidden_inside_base64_at_any_offset(secret: str, before: bytes, after: bytes, is_url: bool) -> None:
    encode = base64.urlsafe_b64encode if is_url else base64.b64encode
    shown = Redactor({"s": secret}).text(encode(before + secret.encode() + after).decode())
    assert STARS in shown
    # What is left holds at most the bits that it shares with its neighbours: two characters at either end.
    core = base64.b64encode(secret.encode()).decode()[2:-4]
    assert not core or core not in shown


@given(
    secret=SECRETS, pieces=st.lists(st.text(max_size=20), max_size=12), cuts=st.lists(st.integers(0, 300), max_size=12)
)
def test_a_stream_is_redacted_as_if_it_came_whole(secret: str, pieces: list[str], cuts: list[int]) -> None:
    redactor = Redactor({"s": secret, "half": secret[: len(secret) // 2 + 3] + "x"})
    whole = secret.join(pieces) + secret[:4]
    bounds = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    stream = redactor.stream()
    shown = "".join(stream.feed(whole[a:b]) for a, b in pairwise(bounds)) + stream.end()
    assert shown == redactor.text(whole)


def test_a_stream_holds_back_only_what_might_become_a_secret() -> None:
    stream = Redactor({"s": "0123456789"}).stream()
    assert len(stream.feed("x" * 1000)) > 950
    assert Redactor().stream().feed("at once") == "at once"


@pytest.mark.parametrize("value", ["", "short", "password", "ADMIN"])
def test_values_too_common_to_hide_are_reported(value: str) -> None:
    redactor = Redactor({"the become password": Secret(value)})
    assert redactor.too_short == (["the become password"] if value else [])
    assert redactor.text(f"a {value} b") == f"a {value} b"


def test_a_short_value_is_hidden_where_it_stands_alone() -> None:
    assert Redactor({"pin": "1234"}).data({"pin": "1234", "text": "x 1234", "number": 1234}) == {
        "pin": STARS,
        "text": "x 1234",
        "number": STARS,
    }


def test_data_is_hidden_in_keys_values_lists_and_numbers() -> None:
    redactor = Redactor({"a": "swordfish", "b": "8675309123"})
    given_data = {"swordfish": [1, True, None, ("swordfish", 8675309123)], "n": 8675309123.0}
    assert redactor.data(given_data) == {STARS: [1, True, None, [STARS, STARS]], "n": STARS}
    untouched = {"a": [1]}
    assert Redactor().data(untouched) is untouched


def test_lines_of_a_key_file_are_hidden_one_by_one() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END KEY-----"
    shown = Redactor({"key": key}).text("  MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\r\n  BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj")
    assert "MIIE" not in shown and "BKcw" not in shown


def test_the_longest_secret_wins() -> None:
    assert Redactor({"a": "swordfish", "b": "swordfish-and-chips"}).text("swordfish-and-chips") == STARS


def test_ordinary_text_stays_as_it_is() -> None:
    """24 canaries, ten megabytes: at most one line in ten thousand may change; the figure is printed."""
    redactor = Redactor(made(7))
    before = corpus()
    after = redactor.text("\n".join(before)).split("\n")
    changed = sum(a != b for a, b in zip(before, after, strict=True))
    print(f"{changed} of {len(before)} lines changed, {changed / len(before):.4%}")
    assert sum(map(len, before)) > 9_000_000
    assert changed <= len(before) * 0.0001


def test_what_is_secret_inside_a_secret_is_hidden_by_itself() -> None:
    redactor = Redactor({"json": '{"user": "ops", "password": "hunter2hunter"}', "url": "https://a:p%40ssw0rd@h/x"})
    assert redactor.text("hunter2hunter p%40ssw0rd p@ssw0rd ops") == f"{STARS} {STARS} {STARS} ops"
    assert Redactor({"no": "{not json", "nor": "http://[x"}).text("not json") == "not json"


@pytest.mark.parametrize(("text", "width"), [("s" * 50 + "t0k3n" * 9, 64), ("s" * 50 + "t0k3n" * 9 + "\n", 76)])
def test_base64_that_a_tool_broke_into_lines_is_hidden(text: str, width: int) -> None:
    encoded = base64.b64encode(text.encode()).decode()
    lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
    redactor = Redactor({"token": text.strip()})
    assert {redactor.text(line) for line in lines if len(line) >= 6} == {STARS}
    broken = [text.strip().encode().hex()[at : at + 60] for at in range(0, len(text.strip()) * 2, 60)]
    assert {redactor.text(line) for line in broken} == {STARS}
