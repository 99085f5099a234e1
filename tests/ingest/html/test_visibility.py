"""What cannot be seen of a web page is not read, whatever hides it; what can be seen is."""

from email.message import EmailMessage
from pathlib import Path

import pytest
import tinycss2

from rag.errors import DocumentError
from rag.ingest.containers.mail import MailLoader
from rag.ingest.extract import Extract, ExtractBuilder
from rag.ingest.html import stylesheets
from rag.ingest.html.loader import HtmlLoader, add_html
from rag.ingest.html.selectors import parse_selectors
from rag.ingest.html.stylesheets import is_for_screen
from rag.ingest.office.sheets import DelimitedLoader
from tests.clock import slowest
from tests.hostile import Hostile
from tests.told import told

SHOWN = "<p>Kho có 12 cửa.</p>"
SECRET = "Kho có 99 cửa."


def read(page: str) -> Extract:
    builder = ExtractBuilder()
    return builder.build(add_html(builder, page))


def texts(page: str) -> list[str]:
    return [text for _, text in told(read(page))]


def styled(style: str, tag: str = "p", sheet: str = "") -> str:
    return f"<style>{sheet}</style>{SHOWN}<{tag} style='{style}'>{SECRET}</{tag}>"


@pytest.mark.parametrize(
    "style",
    [
        "font-size:0",
        "font-size: 1px",
        "font: 0/1 a",
        "color:#fff",
        "color:#FDFDFD",
        "color: White",
        "color:rgb(255 255 255 / 100%)",
        "color:hsl(0, 0%, 100%)",
        "color:hwb(0 100% 0%)",
        "color:\\77hite",
        "color:transparent",
        "color:rgba(0,0,0,.02)",
        "background:#000; color:#050505",
        "background-color:rgba(0,0,0,1);color:black",
        "opacity:0",
        "opacity:1%",
        "filter: opacity(0)",
        "position:absolute;left:-9999px",
        "position:fixed; top:-1000px",
        "position:absolute; right:-9999px",
        "position:absolute;left:-100vw",
        "margin-left:-9999px",
        "text-indent:-9999px",
        "position:absolute;clip:rect(0,0,0,0)",
        "position:absolute;clip:rect(1px 1px 1px 1px)",
        "clip-path:inset(50%)",
        "height:0;overflow:hidden",
        "max-height:0px;overflow-y:hidden",
        "width:1px;overflow:hidden",
        "transform:scale(0)",
        "transform:translateX(-9999px)",
        "--nen:white;color:var(--nen)",
        "color:red!important;color:#fff!important",
    ],
)
def test_what_cannot_be_seen_is_left_out_and_told(style: str) -> None:
    extract = read(styled(style))
    assert told(extract) == [("", "Kho có 12 cửa.")]
    [part] = extract.parts
    assert (part.name, part.extract) == ("hidden text", None)
    assert f"“{SECRET}”" in part.reason
    assert f"“{SECRET}”" in part.vietnamese


@pytest.mark.parametrize(
    "attributes",
    [
        "hidden",
        "style='DISPLAY : NONE'",
        "style='display:none!important;display:block'",
        "style='visibility:hidden'",
        "style='visibility:collapse'",
        "style='mso-hide:all'",
        "style='content-visibility:hidden'",
        "role=dialog aria-hidden=true",
    ],
)
def test_what_the_page_itself_calls_hidden_is_left_out_without_a_word(attributes: str) -> None:
    extract = read(f"{SHOWN}<div {attributes}>{SECRET}</div>")
    assert (told(extract), extract.parts) == ([("", "Kho có 12 cửa.")], ())


@pytest.mark.parametrize(
    "body",
    [
        "<p style='color:#ccc'>{}</p>",
        "<p style='color:#fff;background:#003366'>{}</p>",
        "<table bgcolor=navy><tr><td><font color=white>{}</font></table>",
        "<div style='background-color:black'><div><p style='color:#fff'>{}</p></div></div>",
        "<div style='background:url(a.png)'><p style='color:#fff'>{}</p></div>",
        "<p style='background:linear-gradient(red,blue);color:transparent'>{}</p>",
        "<p style='color:#fff;text-shadow:0 0 2px #000'>{}</p>",
        "<div style='position:relative'><img src=a.jpg><p style='position:absolute;color:#fff'>{}</p></div>",
        "<link rel=stylesheet href=a.css><p class=toi style='color:#fff'>{}</p>",
        "<style>@import 'a.css';</style><p style='color:#fff'>{}</p>",
        "<div style='color:#fff'><a href='a.html'>{}</a></div>",
        "<div style='color:#fff'><mark>{}</mark></div>",
        "<div style='font-size:0'><p style='font-size:16px'>{}</p></div>",
        "<div style='visibility:hidden'><p style='visibility:visible'>{}</p></div>",
        "<div style='position:fixed;width:0;overflow:hidden'><p style='position:fixed'>{}</p></div>",
        "<div style='height:0;overflow:hidden'><p style='position:absolute'>{}</p></div>",
        "<p hidden style='display:block'>{}</p>",
        "<p style='opacity:.6'>{}</p>",
        "<p style='font-size:8px'>{}</p>",
        "<p style='position:absolute;left:-20px'>{}</p>",
        "<p style='height:0'>{}</p>",
        "<p style='overflow:hidden;height:200px'>{}</p>",
        "<p style='text-indent:-24px'>{}</p>",
        "<p style='transform:translateX(-50%)'>{}</p>",
        "<p style='color:var(--chua-biet)'>{}</p>",
        "<p style='color:nosuchcolour'>{}</p>",
        "<p style='color:color()'>{}</p>",
        f"<font color='{'1' * 5000}'>{{}}</font>",
        f"<table bgcolor='{'1' * 5000}'><tr><td>{{}}</table>",
        "<p style='color:hsl(1e999 1e999% 50%)'>{}</p>",
        "<details><p>{}</p></details>",
        "<p aria-hidden=true>{}</p>",
        "<p><span aria-hidden=true>{}</span></p>",
        "<style>@media print{{p{{display:none}}}}</style><p>{}</p>",
        "<style media=print>p{{display:none}}</style><p>{}</p>",
        "<style>@media (max-width:600px){{p{{display:none}}}}</style><p>{}</p>",
        "<style>.x{{display:none}} .x.y{{display:block}}</style><p class='y x'>{}</p>",
        "<style>.hidden{{display:none}}@media(min-width:768px){{.md\\:block{{display:block}}}}</style>"
        "<p class='hidden md:block'>{}</p>",
        "<style>p:hover{{display:none}} p::before{{opacity:0}}</style><p>{}</p>",
        "<style>p{{color:#fff}} body{{background:#222}}</style><p>{}</p>",
        "<style>.a .b{{display:none}}</style><p class=b>{}</p><p class=a></p>",
        "<style>.o{{display:none}} .o:not(.n){{display:block}}</style><p class=o>{}</p>",
        "<style>.o{{display:none}} .o:first-child{{display:block}}</style><div><p class=o>{}</p></div>",
        "<noscript><style>p{{display:none}}</style></noscript><p>{}</p>",
        "<style>/* p{{display:none}} */ @font-face{{display:none}} x{{y:'}}'}}</style><p>{}</p>",
    ],
)  # fmt: skip
def test_what_can_be_seen_is_read(body: str) -> None:
    extract = read(body.format(SECRET))
    assert (texts(body.format(SECRET)), extract.parts) == ([SECRET], ())


@pytest.mark.parametrize(
    "sheet",
    [
        ".h{display:none}",
        "p.h , em{display:none}",
        "#n.h{display:none}",
        "div p{display:none}",
        "body > div > .h{display:none}",
        "h2 + p{display:none}",
        "h1 ~ .h{display:none}",
        "[data-x]{display:none}",
        "[data-x=a1]{display:none}",
        "[data-x^='a'][data-x$=\"1\"]{display:none}",
        "div *:nth-child(3){display:none}",
        "p:nth-child(2n+1){display:none}",
        "p:last-child{display:none}",
        "p:not(.k):is(.h,.j){display:none}",
        "@media screen{@supports (display:grid){.h{display:none}}}",
        "@media not print{.h{display:none}}",
        "@layer a{.h{display:none}}",
        "\\68{x:y} .\\68{display:none}",
        "<!-- .h{display:none} -->",
        ".h{color:red;display:none",
        ".h{display:block;& .z{display:block};display:none}",
        ":root{--x:none}.h{display:var(--x)}",
        ".h{display:none} p{display:block}",
        "p:not(:hover){display:none}",
        "p:not([\\d800]), [\\1], [\\{], .h{display:none}",
        "p:where(.h,#n){display:none}",
        "body:nth-child(2) p{display:none}",
        "x{y:" + "1" * 5000 + "} .h{display:none}",
        "x{y:" + "(" * 5000 + ")" * 5000 + "} .h{display:none}",
    ],
)
def test_rules_are_followed(sheet: str) -> None:
    page = f"<style>{sheet}</style><div><h1>Tên</h1><h2>Mục</h2><p class=h id=n data-x=a1>{SECRET}</p></div>"
    assert texts(page) == ["Tên", "Mục"]
    assert "99" in read(page.replace("none", "block")).text


def test_what_follows_a_hidden_piece_stays() -> None:
    page = f"<p>Kho <b style='opacity:0'>{SECRET}</b>có 12 <span style='font-size:0'>99 </span>cửa.</p>"
    assert texts(page) == ["Kho có 12 cửa."]


def test_hidden_cells_and_rows_of_a_table() -> None:
    page = """<style>.h{display:none}</style><table><tr><th>Vé<th class=h>Mã<th>Giá
    <tr><td>Lượt<td class=h>99<td>8.000<tr class=h><td>Ẩn<td>0<td>1
    <tr><td>Tháng<td class=h>98<td><span style='color:#fff'>1.000</span></table>"""
    assert texts(page) == ["Vé: Lượt; Giá: 8.000", "Vé: Tháng"]


def test_all_within_what_is_cut_off_is_left_out() -> None:
    inner = f"<div style='position:relative'><ul><li>{SECRET}</ul></div>"
    for style in ("position:absolute;left:-9999px", "height:0;overflow:hidden"):
        assert texts(f"<div style='{style}'>{inner}</div>{SHOWN}") == ["Kho có 12 cửa."]


def test_a_hidden_heading_is_no_title() -> None:
    extract = read("<title>Trang</title><h1 style='position:absolute;clip:rect(0,0,0,0)'>Ẩn</h1>")
    assert extract.metadata == {"title": "Trang"}


def test_signs_and_doubled_formulas_are_not_read() -> None:
    page = """<p><span class="material-icons" aria-hidden="true">home</span>Nhà
    <span><math>x</math></span><span aria-hidden="true">x</span></p>"""
    assert texts(page) == ["Nhà x"]


def test_style_sheets_within_an_mhtml_file(tmp_path: Path) -> None:
    path = tmp_path / "trang.mhtml"
    path.write_bytes(
        b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b"<link rel=stylesheet href='cid:css-1@mhtml.blink'><p>12</p><p class=h>99</p>"
        b"<p style='color:#fff'>98</p>\r\n"
        b"--x\r\nContent-Type: text/css; charset=utf-8\r\nContent-Location: cid:css-1@mhtml.blink\r\n"
        b"\r\n.h{display:none}\r\n--x--\r\n"
    )
    assert told(HtmlLoader(10_000).load(path)) == [("", "12")]


def test_the_hidden_opening_of_a_message_is_not_read(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Kho Sao Mai"
    message.set_content(f"{SHOWN}<p style='color:#fff'>{SECRET}</p>", subtype="html")
    message.add_attachment(b"M,T\n1,An\n", "text", "csv", filename="a.csv")
    (tmp_path / "a.eml").write_bytes(message.as_bytes())
    loader = MailLoader((HtmlLoader(10_000), DelimitedLoader(10_000)), 10_000)
    extract = loader.load(tmp_path / "a.eml")
    assert told(extract) == [("heading1", "Kho Sao Mai"), ("", "Kho có 12 cửa.")]
    assert [part.name for part in extract.parts] == ["hidden text", "a.csv"]


def test_a_page_that_is_nested_too_deep_is_still_not_read_where_it_is_hidden() -> None:
    page = f"<style>.h{{display:none}}</style>{'<div>' * 3000}{SHOWN}<div class=h>{SECRET}</div>"
    assert texts(page) == ["Kho có 12 cửa."]


def test_style_sheets_that_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stylesheets, "_MAX_TESTS", 100)
    sheet = "".join(f"p.a{number}{{color:red}}" for number in range(50))
    page = f"<style>{sheet}{sheet.replace('p.', '.b')}</style>" + "<p class=a1>a</p>" * 10
    assert len(texts(page)) == 10
    many = "".join(f"p:not(.a{number}){{color:red}}" for number in range(50))
    with pytest.raises(DocumentError, match="its style sheets are too large") as caught:
        read(f"<style>{many}</style>" + "<p>a</p>" * 10)
    assert caught.value.vietnamese.startswith("Bảng định kiểu của trang quá lớn")


_HOSTILE_PAGES = (
    Hostile("<style>.a div div div p{color:red}</style>", "<div class=b>", "<p>x</p>" * 500),
    Hostile("<style>h1 ~ p:last-child, h1 ~ h2 ~ p{color:red}</style>", "<p>x</p>"),
    Hostile("<style>p:nth-of-type(3), p:nth-child(3){color:red}</style>", "<p>x</p>"),
    Hostile("<body style='--a:1'>", "<p style='--b:1;--c:2;color:var(--d)'>x"),
    Hostile("<style>", ".a{color:red}", "</style><p>x"),
    Hostile("<style>p", ",.a", "{color:red}</style><p>x"),
    Hostile("<style>", ".a ", "{color:red}</style><p>x"),
    Hostile("<style>", ".a", "{color:red}</style><p>x"),
    Hostile("<style>", ":not(", "{color:red}</style><p>x"),
    Hostile("<style>a", "(", "{color:red}</style><p>x"),
    Hostile("<style>a{color:", "(", "}</style><p>x"),
    Hostile("<style>", "a{", "</style><p>x"),
    Hostile("<style>", "@media screen{", "</style><p>x"),
    Hostile("<style>a{", "*b:c;", "}</style><p>x"),
    Hostile("<style>a{b:", "1", "}</style><p>x"),
    Hostile("<p style='background:", "a ", "'>x"),
)


@pytest.mark.parametrize("page", _HOSTILE_PAGES, ids=str)
def test_style_sheets_take_time_in_proportion_to_their_length(page: Hostile) -> None:
    assert not slowest(read, page, (3_125, 12_500, 50_000))


@pytest.mark.parametrize(
    ("media", "holds"),
    [
        ("", True),
        ("screen, print", True),
        ("print", False),
        ("only screen and (min-width: 60em)", True),
        ("(min-width: 1281px)", False),
        ("not all and (max-width: 600px)", True),
        ("(prefers-color-scheme: dark)", False),
        ("not (prefers-color-scheme: dark)", False),
    ],
)
def test_conditions_are_those_of_a_screen(media: str, holds: bool) -> None:
    assert is_for_screen(media) is holds


def test_selectors_that_are_not_understood_are_passed_over() -> None:
    prelude = tinycss2.parse_component_value_list(
        "p:hover, a::after, b:has(i), .x > p, :not(a b), > b, a > + b, i >, a!b, *|, p:nth-of-type(2), :nth-child(+)"
    )
    selectors = [
        [(part.combinator, part.text) for part in selector] for selector in parse_selectors(prelude)
    ]
    assert selectors == [[("", ".x"), (">", "p")]]
