"""What no compiler looks at in the Android app, and what checks its APK; see android/README.md."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from memesdetection import __version__
from memesdetection.classifier import MODELS_FOLDER

ANDROID = Path(__file__).parents[1] / "android"
SOURCES = ANDROID / "app/src/main"
METADATA = Path(__file__).parents[1] / "fastlane/metadata/android"
LANGUAGES = ("en-US", "hi-IN")
# What F-Droid and Google's shop show at most.
MOST_CHARACTERS = {"title.txt": 30, "short_description.txt": 80, "full_description.txt": 4000}
NAMESPACE = "{http://maven.apache.org/POM/4.0.0}"
PLACEHOLDER = re.compile(r"%(?:\d+\$)?[a-z.\d]*[a-z%]")


@pytest.fixture(scope="module")
def versions() -> dict[str, str]:
    """The pom's properties and its version."""
    pom = ElementTree.parse(ANDROID / "pom.xml").getroot()
    properties = pom.find(f"{NAMESPACE}properties")
    version = pom.find(f"{NAMESPACE}version")
    assert properties is not None
    assert version is not None
    told = {element.tag.removeprefix(NAMESPACE): element.text or "" for element in properties}
    return told | {"version": version.text or ""}


def gradle(name: str) -> str:
    return (ANDROID / name).read_text()


def test_the_app_has_the_version_of_the_command(versions: dict[str, str]) -> None:
    assert versions["version"] == __version__


def test_gradle_takes_every_version_from_maven(versions: dict[str, str]) -> None:
    settings = gradle("settings.gradle.kts")
    taken = dict(re.findall(r'version\("([\w-]+)", pom\("([\w.]+)"\)\)', settings))
    libraries = dict(
        re.findall(
            r'(?:library|plugin)\("(\w+)",[^)]*\)\s*\.version\(pom\("([\w.]+)"\)\)', settings
        )
    )
    assert {*taken.values(), *libraries.values()} <= versions.keys()
    assert len(taken) + len(libraries) == len(re.findall(r"\bpom\(\"", settings))
    assert taken == {
        "app-id": "app.id",
        "app-code": "app.versionCode",
        "app-name": "version",
        "sdk-min": "sdk.min",
        "sdk-target": "sdk.target",
    }
    assert libraries == {
        "android": "gradle.android.version",
        "kotlin": "kotlin.version",
        "litert": "litert.version",
        "junit": "junit.version",
        "robolectric": "robolectric.version",
    }
    # The first element of that name, which is what Gradle reads, is the project's own.
    first = re.search(r"<version>(.+?)</version>", gradle("pom.xml"))
    assert first is not None
    assert first[1] == versions["version"]
    app = gradle("app/build.gradle.kts")
    for setting, alias in {
        "namespace": "app.id",
        "applicationId": "app.id",
        "compileSdk": "sdk.target",
        "minSdk": "sdk.min",
        "targetSdk": "sdk.target",
        "versionCode": "app.code",
        "versionName": "app.name",
    }.items():
        assert re.search(rf"\b{setting} = libs\.versions\.{re.escape(alias)}\.get\(\)", app)
    # No version of its own beside them, but Java's.
    assert re.findall(r"\d+\.\d+[\w.]*", gradle("build.gradle.kts") + app + settings) == ["1.8"]


def test_maven_and_gradle_make_the_same_bytecode() -> None:
    assert "<jvmTarget>1.8</jvmTarget>" in gradle("pom.xml")
    assert 'jvmTarget = "1.8"' in gradle("app/build.gradle.kts")


def test_maven_and_gradle_use_the_public_key_and_the_same_processors() -> None:
    app = gradle("app/build.gradle.kts")
    assert 'storeFile = rootProject.file("debug.p12")' in app
    (listed,) = re.findall(r"abiFilters \+= listOf\((.+)\)", app)
    packed = set(re.findall(r"=\$\{jni\}/([\w-]+)/", gradle("pom.xml")))
    assert set(re.findall(r'"([\w-]+)"', listed)) == packed


def test_classes_are_in_the_apps_package(versions: dict[str, str]) -> None:
    folder = versions["app.id"].replace(".", "/")
    sources = sorted((SOURCES / "kotlin").rglob("*.kt"))
    assert sources
    for source in sources:
        package = re.search(r"^package (\S+)", source.read_text(), re.MULTILINE)
        assert package is not None, source
        path = source.parent.relative_to(SOURCES / "kotlin").as_posix()
        assert package[1].replace(".", "/") == path
        assert path.startswith(folder)


def test_the_manifest_leaves_versions_to_the_build() -> None:
    manifest = ElementTree.parse(SOURCES / "AndroidManifest.xml").getroot()
    assert "package" not in manifest.attrib
    assert not [name for name in manifest.attrib if "version" in name.lower()]
    assert manifest.find("uses-sdk") is None


def texts(folder: Path) -> dict[str, list[str]]:
    """Each translatable text by name, a plural's by name and quantity."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.glob("strings*.xml")):
        for element in ElementTree.parse(file).getroot():
            if element.get("translatable") == "false":
                continue
            items = [("".join(item.itertext())) for item in element] or [element.text or ""]
            name = element.attrib["name"]
            assert name not in found, f"{name} is there twice"
            found[name] = items
    return found


def test_every_text_is_there_in_hindi() -> None:
    english, hindi = texts(SOURCES / "res/values"), texts(SOURCES / "res/values-hi")
    assert english.keys() == hindi.keys()
    for name, items in english.items():
        wanted = {tuple(sorted(PLACEHOLDER.findall(item))) for item in items}
        # "one" may leave the number out, so only the fullest form must agree.
        given = {tuple(sorted(PLACEHOLDER.findall(item))) for item in hindi[name]}
        assert max(wanted, key=len) == max(given, key=len), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_shops_can_show_what_the_app_is(language: str, versions: dict[str, str]) -> None:
    for name, most in MOST_CHARACTERS.items():
        text = (METADATA / language / name).read_text().strip()
        assert 0 < len(text) <= most, name
    changes = METADATA / language / "changelogs" / f"{versions['app.versionCode']}.txt"
    assert 0 < len(changes.read_text().strip()) <= 500


def run(script: str, *arguments: object) -> str:
    """What an android/tools script has to say; nothing when all is well."""
    finished = subprocess.run(
        [sys.executable, str(ANDROID / "tools" / script), *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (finished.returncode == 0) == (not finished.stderr)
    return finished.stderr


LIBRARIES = {"arm64-v8a": (2, 183), "armeabi-v7a": (1, 40), "x86_64": (2, 62)}


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """An APK as the build packs it, with the real model and the heads of native libraries."""
    base = tmp_path / "base.apk"
    with zipfile.ZipFile(base, "w") as apk:
        apk.writestr("resources.arsc", b"table")
        for name in ("model.tflite", "card.json"):
            apk.write(MODELS_FOLDER / "phone" / name, f"assets/{name}")
    added = []
    for abi, (word_size, machine) in LIBRARIES.items():
        library = tmp_path / abi
        head = b"\x7fELF" + bytes([word_size]) + bytes(13) + machine.to_bytes(2, "little")
        library.write_bytes(head)
        added.append(f"lib/{abi}/libtensorflowlite_jni.so={library}")
    output = tmp_path / "app.apk"
    assert run("pack.py", base, output, *added) == ""
    return output


def test_packing_makes_what_the_check_wants(packed: Path) -> None:
    assert run("check_content.py", packed, MODELS_FOLDER / "phone") == ""


def test_check_finds_what_android_could_not_map(packed: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.apk"
    with zipfile.ZipFile(packed) as good, zipfile.ZipFile(spoilt, "w") as bad:
        for entry in good.infolist():
            data = good.read(entry)
            if entry.filename == "assets/card.json":
                data += b" "
            if "x86_64" in entry.filename:
                continue
            compressed = zipfile.ZIP_DEFLATED if "v7a" in entry.filename else zipfile.ZIP_STORED
            bad.writestr(entry.filename, data, compressed)
        bad.writestr("filler", bytes(21_000_000))
    said = run("check_content.py", spoilt, MODELS_FOLDER / "phone")
    for fault in (
        "assets/card.json is not the same file as Python's",
        "lib/x86_64/libtensorflowlite_jni.so is missing",
        "lib/armeabi-v7a/libtensorflowlite_jni.so is compressed",
        "lib/arm64-v8a/libtensorflowlite_jni.so does not begin at a multiple of 16384 bytes",
        "more than 20,000,000",
    ):
        assert fault in said


def test_signing_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMES_KEYSTORE", str(tmp_path / "release.p12"))
    monkeypatch.delenv("MEMES_KEYSTORE_PASSWORD", raising=False)
    arguments = ("sign.py", "26", tmp_path / "in.apk", tmp_path / "out.apk")
    assert "Please set MEMES_KEYSTORE_PASSWORD" in run(*arguments)
    monkeypatch.setenv("MEMES_KEYSTORE_PASSWORD", "secret")
    said = run(*arguments)
    assert "There is no key store at MEMES_KEYSTORE" in said
    assert "secret" not in said
