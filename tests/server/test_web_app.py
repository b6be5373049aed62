"""The web app, as a visitor uses it."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import SLOW_MS, Visit
from chromium import launched
from playwright.sync_api import Browser, BrowserContext, Playwright, Route, expect
from running import Server
from werkzeug.serving import make_server

from memesdetection import Classifier
from memesdetection.server import create_app, web
from memesdetection.server.settings import Settings

# A folder of the browser's own has real handles, without the system's dialog.
FOLDERS = """
window.showDirectoryPicker = async ({ id }) =>
    await (await navigator.storage.getDirectory()).getDirectoryHandle(id, { create: true });
"""
FILL = """async ([folder, name, content]) => {
    const root = await navigator.storage.getDirectory();
    const to = await root.getDirectoryHandle(folder, { create: true });
    const file = await (await to.getFileHandle(name, { create: true })).createWritable();
    await file.write(Uint8Array.from(content));
    await file.close();
}"""
CONTENTS = """async (folder) => {
    const root = await navigator.storage.getDirectory();
    const found = {};
    for await (const [name, file] of (await root.getDirectoryHandle(folder)).entries())
        found[name] = [...new Uint8Array(await (await file.getFile()).arrayBuffer())];
    return found;
}"""

MOVE_AT_ONCE = """async (folders) => {
    const { move } = await import("/static/app/moving.js");
    const root = await navigator.storage.getDirectory();
    const to = await root.getDirectoryHandle("together", { create: true });
    await Promise.all(folders.map(async (folder) => {
        const parent = await root.getDirectoryHandle(folder);
        const handle = await parent.getFileHandle("same.jpg");
        await move({ handle, parent, file: await handle.getFile() }, to);
    }));
}"""


@pytest.fixture
def files(samples: Path) -> list[Path]:
    return sorted(samples.glob("IMG-*"))


@pytest.fixture
def fresh(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor of whom the browser remembers nothing."""
    with browser.new_context() as context:
        yield context


def test_on_this_device_it_judges_as_python_does_and_sends_nothing(
    visit: Visit, server: Server, files: list[Path]
) -> None:
    asked: list[str] = []
    logged = len(server.lines())
    visit.page.context.on("request", lambda request: asked.append(request.url))
    visit.pick(files)
    rows = visit.rows()
    visit.page.locator("#grid button").first.click()
    expect(visit.page.locator(".frame.loaded img.whole")).to_be_visible()
    assert [url for url in asked if not url.startswith("blob:")] == []
    # The browser itself looks now and then whether the service worker is still the same.
    told = [line for line in server.lines()[logged:] if line["route"] != "/service-worker.js"]
    assert told == []
    classifier = Classifier()
    for file in files:
        judgement = classifier.judge(file)
        row = rows[file.name]
        assert row["verdict"] == judgement.verdict
        assert float(row["probability"]) == pytest.approx(judgement.probability, abs=0.02)
        assert row["bytes"] == str(file.stat().st_size)
    assert visit.count("All") == len(files)
    memes = [row for row in rows.values() if row["verdict"] == "meme"]
    assert visit.count("Memes") == len(memes) > 0


def test_it_works_without_a_network_after_the_first_visit(
    fresh: BrowserContext, server: Server, files: list[Path]
) -> None:
    visit = Visit(fresh, str(server.client.base_url))
    fresh.set_offline(True)
    visit.page.reload()
    visit.wait_until_kept()
    visit.pick(files[:2])
    assert visit.count("Memes") == 1
    visit.page.get_by_role("button", name="Ping server").click()
    expect(visit.page.locator("#answered")).to_contain_text("cannot be reached")
    visit.on_server()
    visit.page.get_by_role("button", name="Check all on the server").click()
    expect(visit.page.get_by_role("alert")).to_contain_text("The server cannot be reached")
    fresh.set_offline(False)
    visit.page.get_by_role("button", name="Check the 2 that wait").click()
    visit.wait_until_judged()
    assert visit.count("Memes") == 1
    assert visit.errors == []


def test_on_the_server_it_judges_by_the_server_model(visit: Visit, files: list[Path]) -> None:
    visit.on_server()
    visit.pick(files)
    classifier = Classifier("server")
    rows = visit.rows()
    for file in files:
        assert rows[file.name]["verdict"] == classifier.judge(file).verdict
    visit.page.locator(".filter.meme").click()
    visit.page.locator("#grid li:not([hidden]) button").first.click()
    expect(visit.page.locator(".frame.redrawn img.drawn")).to_be_visible()


def test_a_broken_picture_among_many(visit: Visit, files: list[Path]) -> None:
    whole = files[1].read_bytes()
    broken = {
        "=cmd|' /C calc'!A0.jpg": b"no picture",
        "truncated.jpg": whole[: len(whole) // 3],
        "empty.png": b"",
    }
    extra = [
        {"name": name, "mimeType": "image/jpeg", "buffer": content}
        for name, content in broken.items()
    ]
    good = [{"name": file.name, "mimeType": "", "buffer": file.read_bytes()} for file in files[:3]]
    visit.pick([*extra, *good])
    rows = visit.rows()
    assert visit.count("Not judged") == len(broken)
    # A spreadsheet would run the first cell.
    assert rows["'=cmd|' /C calc'!A0.jpg"]["error"].endswith("not a picture of a known format.")
    assert rows["truncated.jpg"]["error"] == "The picture is truncated or corrupt."
    assert rows["empty.png"]["error"] == "The file is empty."
    assert all(rows[file.name]["verdict"] for file in files[:3])


def test_without_webassembly_it_says_so_and_the_server_still_judges(
    playwright: Playwright, server: Server, files: list[Path]
) -> None:
    browser = launched(playwright, "--js-flags=--jitless")
    visit = Visit(browser.new_context(), str(server.client.base_url), ready=False)
    expect(visit.page.get_by_role("alert")).to_contain_text("WebAssembly is switched off")
    visit.on_server()
    visit.pick(files[:2])
    assert visit.count("Memes") == 1
    browser.close()


def test_it_asks_for_the_key_of_the_server(
    fresh: BrowserContext, strict: Server, files: list[Path]
) -> None:
    visit = Visit(fresh, str(strict.client.base_url), ready=False)
    visit.on_server()
    visit.page.set_input_files("#file-input", files[:2])
    alert = visit.page.get_by_role("alert")
    expect(alert).to_have_text("The server asks for a key.")
    key = visit.page.get_by_label("Key of the server")
    for entered in ("wrong", "open sesame"):
        expect(key).to_be_focused()
        key.fill(entered)
        key.press("Enter")
        if entered == "wrong":
            expect(alert).to_have_text("The server does not know this key.")
    visit.wait_until_judged()
    assert visit.count("Memes") == 1


def test_keys_alone_reach_everything(visit: Visit, files: list[Path]) -> None:
    visit.pick(files)
    page = visit.page
    page.locator("#clear").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#grid button").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    second = page.locator("#grid button").nth(1)
    expect(second).to_be_focused()
    assert re.match(rf"{files[1].name}, Meme, \d+\.\d %", second.get_attribute("aria-label") or "")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(files[1].name)
    expect(dialog).to_contain_text("Looks like a meme")
    heated = page.locator(".frame.heated canvas")
    expect(heated).to_be_visible()
    page.keyboard.press("h")
    expect(heated).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text(files[2].name)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#grid button").nth(2)).to_be_focused()


def test_it_fits_a_phone(visit: Visit, files: list[Path]) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 720})
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        visit.pick(files[:4])
    page.locator("#grid button").first.click()
    expect(page.get_by_role("dialog").locator(".about")).to_be_in_viewport()


def test_memes_are_moved_into_a_folder_and_none_is_lost(
    visitor: BrowserContext, server: Server, files: list[Path]
) -> None:
    visit = Visit(visitor, "about:blank", ready=False)
    page = visit.page
    page.add_init_script(FOLDERS)
    page.goto(str(server.client.base_url))
    visit.wait_until_kept()
    files = files[:5]
    for file in files:
        page.evaluate(FILL, ["pictures", file.name, list(file.read_bytes())])
    page.evaluate(FILL, ["memes", files[1].name, [1, 2, 3]])
    before = page.evaluate(CONTENTS, "pictures")
    page.get_by_role("button", name="Choose a folder").click()
    visit.wait_until_judged()
    memes = [Path(path).name for path, row in visit.rows().items() if row["verdict"] == "meme"]
    assert files[1].name in memes
    page.get_by_role("button", name=re.compile(r"Move \d+ memes")).click()
    page.get_by_role("button", name="Choose the folder").click()
    expect(page.locator("#move-question")).to_contain_text("moved to", timeout=SLOW_MS)
    stayed, moved = (page.evaluate(CONTENTS, folder) for folder in ("pictures", "memes"))
    assert set(stayed) == set(before) - set(memes)
    # What was there under the same name is still there.
    assert moved.pop(files[1].name) == [1, 2, 3]
    renamed = {f"{files[1].stem} (2).jpg": files[1].name}
    assert {renamed.get(name, name): content for name, content in moved.items()} == {
        name: before[name] for name in memes
    }
    assert visit.count("Memes") == 0


def test_pictures_of_one_name_that_are_moved_at_the_same_time_are_all_kept(visit: Visit) -> None:
    folders = [f"folder{number}" for number in range(8)]
    for number, folder in enumerate(folders):
        visit.page.evaluate(FILL, [folder, "same.jpg", [number] * 100_000])
    visit.page.evaluate(MOVE_AT_ONCE, folders)
    moved = visit.page.evaluate(CONTENTS, "together")
    assert sorted(content[0] for content in moved.values()) == list(range(8))
    assert all(len(content) == 100_000 for content in moved.values())
    assert not any(visit.page.evaluate(CONTENTS, folder) for folder in folders)


def test_a_run_can_be_stopped_and_gone_on_with(visit: Visit, noise: Path) -> None:
    page = visit.page
    page.set_input_files("#file-input", sorted(noise.iterdir())[:60])
    page.get_by_role("button", name="Stop").click()
    go_on = page.get_by_role("button", name=re.compile(r"Check the \d+ that wait"))
    expect(go_on).to_be_visible()
    go_on.click()
    visit.wait_until_judged()
    expect(go_on).to_be_hidden()
    assert visit.count("All") == 60
    assert len([row for row in visit.rows().values() if row["verdict"]]) == 60
    # Only what is near is filled.
    assert page.locator("#grid img").count() < 60


def test_a_stop_on_the_server_ends_at_once_and_asks_no_more(
    fresh: BrowserContext, server: Server, files: list[Path]
) -> None:
    visit = Visit(fresh, str(server.client.base_url), ready=False)
    visit.on_server()
    asked: list[str] = []

    def busy(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "60"})

    visit.page.route("**/v1/predict", busy)
    with visit.page.expect_response("**/v1/predict"):
        visit.page.set_input_files("#file-input", files[:2])
    visit.page.get_by_role("button", name="Stop").click()
    expect(visit.page.get_by_role("button", name="Check the 2 that wait")).to_be_visible()
    assert len(asked) == 1
    assert visit.errors == []


def test_it_judges_with_the_workers_that_could_be_loaded(
    browser: Browser, server: Server, files: list[Path]
) -> None:
    with browser.new_context(service_workers="block") as context:
        context.add_init_script(
            "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 })"
        )
        visit = Visit(context, str(server.client.base_url), ready=False)
        expect(visit.page.locator("#ready")).to_have_text("Ready", timeout=SLOW_MS)
        context.set_offline(True)
        visit.pick(files[:4])
        assert visit.count("Not judged") == 0
        assert visit.count("Memes") > 0
        # Without any, the pictures wait.
        context.set_offline(False)
        context.route("**/worker.js", lambda route: route.abort())
        visit.page.reload()
        alert = visit.page.get_by_role("alert")
        sentence = "A part of this page could not be loaded; check the network."
        expect(alert).to_have_text(sentence)
        visit.page.set_input_files("#file-input", files[:2])
        expect(visit.page.get_by_role("button", name="Check the 2 that wait")).to_be_visible()
        expect(alert).to_have_text(sentence)
        assert visit.errors == []


def test_without_the_bundle_it_judges_on_the_server(
    fresh: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[Path]
) -> None:
    shutil.copytree(web.STATIC, tmp_path / "static", ignore=shutil.ignore_patterns("vendor"))
    monkeypatch.setattr(web, "STATIC", tmp_path / "static")
    monkeypatch.setattr(web, "BUNDLE", tmp_path / "static/vendor/licences.txt")
    app = create_app(Settings())
    serving = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    try:
        visit = Visit(fresh, f"http://127.0.0.1:{serving.port}", ready=False)
        expect(visit.page.get_by_label("On this device")).to_be_disabled()
        visit.pick(files[:2])
        assert visit.count("Memes") == 1
        expect(visit.page.get_by_role("alert")).to_contain_text("checked on the server")
        assert visit.errors == []
    finally:
        serving.shutdown()
        app.extensions["memes"].judges.close()


def test_ping(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Ping server").click()
    expect(visit.page.locator("#answered")).to_have_text(
        re.compile(r"The server answered in \d+ ms\.")
    )
