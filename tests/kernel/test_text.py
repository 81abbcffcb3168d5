from __future__ import annotations

import pytest

from kundenportal.kernel.text import on_one_line


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("\u00a0Kita\u2003Probstadt\n", "Kita Probstadt"),
        ("Anna\tBeispiel", "Anna Beispiel"),
        ("\u200b", ""),
        ("Kirchenkreis Go\u0308rlitz", "Kirchenkreis Görlitz"),
        ("A\udcffnna\udcc3", "Anna"),
        ("\u202eAnna\u2066", "Anna"),
        ("Büro\0 Musterland", "Büro Musterland"),
        ("Anna\r\nBcc: somebody@example.org", "Anna Bcc: somebody@example.org"),
        ("Żółć Ørsted-Müller 山田", "Żółć Ørsted-Müller 山田"),
    ],
)
def test_a_name_stands_on_one_line_and_can_be_seen(entry: str, line: str) -> None:
    assert on_one_line(entry) == line
