import pytest

from dwconf.reports.text import bounded, one_line, shown, visible, without_surrogates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain ✓ ünï 漢字", "plain ✓ ünï 漢字", id="harmless"),
        pytest.param("a\n\tb", "a\n\tb", id="lines-and-tabs"),
        pytest.param("a\0b\x1b[31m\r", "a␀b␛[31m␍", id="control"),
        pytest.param("\x7f\x85", "␡⟨U+0085⟩", id="high-control"),
        pytest.param("safe\u202eexe.", "safe⟨U+202E⟩exe.", id="bidi-override"),
        pytest.param("\u2066a\u2069\u200b\ufeff", "⟨U+2066⟩a⟨U+2069⟩⟨U+200B⟩⟨U+FEFF⟩", id="isolates-and-zero-width"),
        pytest.param("\udc80", "⟨U+DC80⟩", id="lone-surrogate"),
        pytest.param("\u2028\u2029\uffff", "⟨U+2028⟩⟨U+2029⟩⟨U+FFFF⟩", id="separators-and-noncharacter"),
        pytest.param("\U000e0041", "⟨U+E0041⟩", id="tag"),
    ],
)
def test_what_has_no_glyph_is_spelled_out(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_bounds_say_what_was_left_out() -> None:
    assert bounded("abc", 3) == "abc"
    assert bounded("x" * 1003, 3) == "xxx… [1,000 more characters]"
    assert len(shown("\x00" * 10_000_000, limit=50)) < 100


def test_one_line_has_no_line_ends() -> None:
    assert one_line(" a\n\n  b\tc ", limit=100) == "a b c"


def test_surrogates_become_escapes() -> None:
    assert without_surrogates("a\ud83d\udc80b") == "a\\ud83d\\udc80b"
