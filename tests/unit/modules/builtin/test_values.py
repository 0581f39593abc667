"""Pure parts of the builtin modules: values that travel, lines that are parsed, requests that are written."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.model.program import Reply
from orchestrator.modules import find, names
from orchestrator.modules.builtin.assemble import assembled
from orchestrator.modules.builtin.command import instant, lasted, times
from orchestrator.modules.builtin.content import Content
from orchestrator.modules.builtin.copy_tree import entries
from orchestrator.modules.builtin.curl import configuration, file_name, header_fields, masked, shown_headers
from orchestrator.modules.builtin.fetch import FetchArgs, destination, safe_parts
from orchestrator.modules.builtin.files import parse_stat, worded
from orchestrator.modules.builtin.find import amount, parse_walk
from orchestrator.modules.builtin.get_url import find_digest
from orchestrator.modules.builtin.hostname import local_name
from orchestrator.modules.builtin.known_hosts import KnownHostsArgs, bears, changed, hashed
from orchestrator.modules.builtin.wait_for import WaitArgs, active
from tests.contract.driver import FakeContext

LINE = "33188|501|20|5|1|2|3|-1|7|1|9|8|ann|domain users"


def test_each_module_of_the_table_is_there_and_described() -> None:
    for name in names():
        module = find(name)
        assert module is not None and module.summary.endswith(".")
        for field, info in module.args.model_fields.items():
            assert info.description, f"{name}: {field}"


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_words_come_apart_at_the_separator(words: list[str]) -> None:
    values = worded(words)
    assert len(values["separator"]) == 1
    assert values["words"].split(values["separator"]) == [*words, "."]


@given(st.binary())
def test_content_travels_as_text_or_base64(data: bytes) -> None:
    values = Content(data=data).values()
    assert "\0" not in values["text"]
    assert (values["text"].encode() if values["how"] == "text" else base64.b64decode(values["base64"])) == data


def test_stat_lines() -> None:
    stat = parse_stat(LINE)
    assert stat is not None
    assert (stat.kind, stat.mode, stat.group, stat.birth, stat.state) == ("file", "0644", "domain users", None, "file")
    assert parse_stat("") is None and parse_stat(None) is None
    unknown = parse_stat(LINE.replace("ann", "UNKNOWN"))
    assert unknown is not None and unknown.owner == "501"


def test_walks() -> None:
    bsd, gnu = LINE.replace("33188", "0100644", 1), LINE.replace("33188", "0x81a4", 1)
    found = parse_walk(f"{bsd}|/a\nb|c\n{gnu}|/d\nnonsense\n")
    assert sorted(found) == ["/a\nb|c", "/d\nnonsense"]
    assert found["/a\nb|c"] == found["/d\nnonsense"]
    assert amount("-2k", {"": 1, "k": 1024}) == -2048


@pytest.mark.parametrize(
    ("text", "name", "digest"),
    [
        ("abc", "f", "abc"),
        ("abc  f\ndef  g\n", "g", "def"),
        ("abc *f\n123 g", "f", "abc"),
        ("abc  ./f\nx y", "f", "abc"),
        ("SHA256 (f) = abc\nx y", "f", "abc"),
        ("abc  f\n123  h", "g", None),
        ("", "f", None),
    ],
)
def test_files_of_digests(text: str, name: str, digest: str | None) -> None:
    assert find_digest(text, name) == digest


def test_curl() -> None:
    assert configuration([("silent", None), ("url", 'a"b\\c\nd')]) == 'silent\nurl = "a\\"b\\\\c\\nd"\n'
    assert masked("https://u:p@h:1/x") == "https://u:********@h:1/x" and masked("https://h/x") == "https://h/x"
    assert file_name("https://h/a/b.zip?x=1") == "b.zip" and file_name("https://h/") == "index.html"
    moved = "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n"
    text = f"{moved}HTTP/1.1 200 Fine Thing\r\nX-A: 1\r\nX-A: 2\r\nSet-Cookie: a=b\r\n\r\n"
    reason, headers = header_fields(text)
    assert reason == "Fine Thing"
    shown = shown_headers(headers)
    assert (shown["x_a"], shown["cookies"], "location" in shown) == ("1, 2", {"a": "b"}, False)
    assert header_fields("")[0] == ""


def test_a_node_does_not_decide_where_the_controller_writes(tmp_path: Path) -> None:
    assert safe_parts("/a/../../b/./c") == ["a", "b", "c"]
    ctx = FakeContext(variables={"playbook_dir": str(tmp_path)}, host="..")
    assert destination(FetchArgs(src="/x", dest="got"), ctx, "/../../etc/passwd") == tmp_path / "got/_/etc/passwd"
    assert destination(FetchArgs(src="../other/x", dest="got"), ctx, "y") == tmp_path / "got/other/x"
    with pytest.raises(ValueError, match="Detected directory traversal"):
        destination(FetchArgs(src="../../x", dest="got"), ctx, "y")


def test_clocks_without_fractions() -> None:
    assert instant("2026-01-02 03:04:05.N").microsecond == 0
    assert instant("2026-01-02 03:04:05.123456789").microsecond == 123456
    assert lasted(timedelta(seconds=3)) == "0:00:03.000000"
    assert lasted(timedelta(seconds=3, microseconds=4)) == "0:00:03.000004"


def test_fragments() -> None:
    assert assembled([b"a", b"b\n", b"c"], None) == b"a\nb\nc"
    assert assembled([b"a", b"b"], r"\x2d-\n") == b"a\n--\nb"
    assert assembled([], "x") == b""


def test_names_over_two_lines_are_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a\nb").touch()
    with pytest.raises(ValueError, match="cannot be copied"):
        list(entries(tmp_path, follow=True))


def test_known_hosts_lines() -> None:
    assert (
        bears(hashed("h"), "h") and bears(hashed("h"), "H") and not bears(hashed("h"), "x") and not bears("|1|?", "h")
    )
    args = KnownHostsArgs(name="h", state="absent")
    kept = "# h a b\n@cert-authority h a b\nother ssh-rsa A\nshort\n"
    assert changed(kept + "h,i ssh-rsa B\n", args) == kept
    marked = KnownHostsArgs(name="h", key="@cert-authority h ssh-rsa C")
    assert changed(kept, marked) == f"{kept}@cert-authority h ssh-rsa C\n", "another key of the same mark stays"
    gone = KnownHostsArgs(name="h", key="@cert-authority h a b", state="absent")
    assert changed(kept, gone) == "# h a b\nother ssh-rsa A\nshort\n"
    with pytest.raises(ValidationError, match="Comma separated"):
        KnownHostsArgs(name="h,i", state="absent")


def test_links_of_a_tree_that_lead_nowhere_or_in_circles_stay_links(tmp_path: Path) -> None:
    (tmp_path / "sub/deep").mkdir(parents=True)
    (tmp_path / "file").write_text("x")
    (tmp_path / "sub/to_file").symlink_to(tmp_path / "file")
    (tmp_path / "sub/lost").symlink_to("/nonexistent/place")
    (tmp_path / "sub/deep/circle").symlink_to("../")
    found = {entry.name: entry.kind for entry in entries(tmp_path, follow=True)}
    assert found == {
        "file": "f", "sub": "d", "sub/deep": "d", "sub/deep/circle": "l", "sub/lost": "l", "sub/to_file": "f",
    }  # fmt: skip
    assert {entry.name: entry.kind for entry in entries(tmp_path, follow=False)}["sub/to_file"] == "l"


def test_connections_of_both_netstats() -> None:
    linux = "tcp 0 0 127.0.0.1:80 10.0.0.1:5 ESTABLISHED\ntcp6 0 0 :::80 :::* LISTEN\n"
    linux += "tcp 0 0 1.2.3.4:8080 1.1.1.1:80 ESTABLISHED"
    mac = "tcp4  0  0  127.0.0.1.80  10.0.0.1.5  FIN_WAIT_2\nudp4 0 0 *.80 *.*"
    args = WaitArgs(port=80, state="drained")
    assert (active(linux, args), active(mac, args)) == (1, 1)
    assert active(linux, WaitArgs(port=80, state="drained", exclude_hosts=["10.0.0.1"])) == 0


def test_names_for_bonjour() -> None:
    assert local_name("Ann's Mac.lab") == "Anns-Mac-lab"


def test_marks_on_ticks_make_nothing_shorter_than_it_was() -> None:
    said = (("start", "2026-11-21 15:58:18.433567000"), ("end", "2026-11-21 15:58:21.431379000"))
    assert times(Reply(0, said=said))["delta"] == "0:00:02.997812"
    assert times(Reply(0, said=(*said, ("ticks", "yes"))))["delta"] == "0:00:03.001812"
