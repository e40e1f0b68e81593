"""Base 58."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import base58


# From Bitcoin's own test data.
@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("", ""),
        ("61", "2g"),
        ("626262", "a3gV"),
        ("73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2"),
        ("00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"),
        ("516b6fcd0f", "ABnLTmg"),
        ("00000000000000000000", "1111111111"),
    ],
)
def test_known_texts(data: str, text: str) -> None:
    assert base58.encode(bytes.fromhex(data)) == text
    assert base58.decode(text).hex() == data


@given(st.binary(max_size=100))
def test_there_and_back(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        data = base58.decode(text)
    except ValueError:
        return
    assert base58.encode(data) == text


@pytest.mark.parametrize("char", "0OIl é\n")
def test_what_is_no_digit(char: str) -> None:
    with pytest.raises(ValueError, match="invalid base58 digit"):
        base58.decode("2g" + char)


def test_a_text_that_is_too_long() -> None:
    base58.decode("z" * base58.MAX_TEXT)
    with pytest.raises(ValueError, match="257 characters of base58, the most is 256"):
        base58.decode("z" * (base58.MAX_TEXT + 1))
