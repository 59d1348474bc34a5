"""A report in a frame: a sandbox, and nothing of the page outside it."""

from lamina.reports.inline import InlineReport


def test_the_page_stays_within_its_frame() -> None:
    page = InlineReport('<p title="x">A & B</p><script>1</script>', height=300)._repr_html_()
    assert page.startswith('<iframe sandbox="allow-scripts"')
    assert "height:300px" in page
    assert page.count("<") == 2
    assert "&lt;p title=&quot;x&quot;&gt;A &amp; B" in page
