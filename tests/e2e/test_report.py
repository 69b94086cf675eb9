"""report: one page, shown by a real browser, that needs no script and no network; hostile names stay text."""
import re
import shutil
import struct
import subprocess
import zlib

import pytest

from sweep import Study

HOSTILE = "</title><script>document.title='owned'</script><img src=x onerror=alert(1)>&\"'"
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    made = Study(tmp_path_factory.mktemp("state")).fill()
    made.trial("slow", 2.2, 6, slow=0.1)
    made.trial(HOSTILE, 1.05, 7)
    return made


@pytest.fixture(scope="module")
def page(study, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    done = study.foregone("report", "--price", 7200, "-o", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("report.html: 7 trials of study lr\n")
    return file


def chromium(page, *options):
    if not CHROMIUM:
        pytest.skip("chromium is not installed (tests/deps test)")
    return subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1200,1400", *options, page.as_uri()],
                          capture_output=True, text=True, timeout=120, check=True).stdout


def pixels(png):
    """Rows of an 8-bit PNG, each a list of (r, g, b)."""
    data, at, body = png.read_bytes(), 8, b""
    width, height, _, kind = struct.unpack(">IIBB", data[16:26])
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        body += data[at + 8:at + 8 + size] if name == b"IDAT" else b""
        at += 12 + size
    raw, step, before, rows = zlib.decompress(body), {2: 3, 6: 4}[kind], None, []
    for y in range(height):
        line = bytearray(raw[y * (width * step + 1) + 1:(y + 1) * (width * step + 1)])
        unfilter(raw[y * (width * step + 1)], line, before or bytearray(len(line)), step)
        rows.append([tuple(line[x:x + 3]) for x in range(0, len(line), step)])
        before = line
    return rows


def unfilter(kind, line, above, step):
    for i in range(len(line)):
        a, b, c = line[i - step] if i >= step else 0, above[i], above[i - step] if i >= step else 0
        near = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
        line[i] = (line[i] + (0, a, b, (a + b) // 2, near)[kind]) & 255


def test_the_page_is_whole_by_itself(page):
    text = page.read_text()
    assert "<script" not in text and not re.search(r"(src|href)=\"(?!#)", text) and "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "") and "@import" not in text and "url(" not in text
    assert text.count("<svg xmlns") == 1 + 1 + 7 and ">as called<" in text and "nan" not in re.sub(r"<[^>]*>|finance", "", text)
    assert "Judged by eval_loss (lower is better). 7 trials, " in text and " saved ($" in text


def test_a_browser_shows_names_as_they_are(study, page):
    dom = chromium(page, "--dump-dom")
    assert "<script" not in dom and "onerror=" not in re.sub(r">[^<]*<", "><", dom)
    assert "<title>lr - foregone</title>" in dom
    assert dom.count("&lt;/title&gt;&lt;script&gt;") >= 3  # in the table, as a heading, as the best
    rows = re.findall(r"<tr><td><a href=\"#trial-(\d+)\">.*?</tr>", dom, re.S)
    assert rows == ["1", "2", "3", "4", "5", "6", "7"] and all(f'id="trial-{n}"' in dom for n in rows)
    stopped = [line for line in study.foregone("status", "--study", "lr").stdout.splitlines() if line.startswith("  stopped")]
    assert stopped and dom.count('<td class="stopped">stopped</td>') == len(stopped)


def test_a_browser_draws_the_curves(page, tmp_path):
    shot = tmp_path / "page.png"
    chromium(page, f"--screenshot={shot}")
    rows = pixels(shot)
    seen = {colour for row in rows for colour in row}
    for colour in ((0xd0, 0x7a, 0x1e), (0x2f, 0x9e, 0x6a), (0x3f, 0x83, 0xc6)):  # a stopped curve, the best, one that was seen
        assert min(sum(abs(a - b) for a, b in zip(colour, other)) for other in seen) < 12, colour
    drawn = sum(pixel != rows[0][0] for row in rows for pixel in row)
    assert drawn > 0.02 * len(rows) * len(rows[0])


def test_export_is_an_archive_that_replay_reads(study, tmp_path):
    done = study.foregone("report", "-o", tmp_path / "r.html", "--export", tmp_path / "a.jsonl.gz")
    assert done.returncode == 0, done.stderr
    done = study.foregone("replay", "--orders", 1, tmp_path / "a.jsonl.gz")
    assert done.returncode == 0 and done.stdout.startswith("lr: "), done.stderr
    assert study.foregone("report", "-o", tmp_path / "r.html", "--export", tmp_path / "no" / "a.jsonl").returncode != 0


def test_dry_run_says_how_its_stops_turned_out(tmp_path):
    dry = Study(tmp_path).fill(options=["--dry-run"])
    text = dry.foregone("report", "-o", "-").stdout
    assert re.search(r"dry run: \d stops were due; \d would have been right, \d wrong", text)


def test_which_study(tmp_path):
    two = Study(tmp_path / "state")
    assert "no study yet" in two.foregone("report").stderr
    two.trial("a", 1.0)
    done = two.foregone("report", cwd=tmp_path)
    assert done.returncode == 0 and (tmp_path / "foregone-lr.html").exists()
    Study(tmp_path / "state", "other").trial("a", 1.0)
    done = two.foregone("report")
    assert done.returncode == 100 and "--study NAME, of: lr, other" in done.stderr
    assert "no study 'third'" in two.foregone("report", "--study", "third").stderr
    assert two.foregone("report", "--study", "lr", "-o", tmp_path / "no" / "x.html").returncode == 111
