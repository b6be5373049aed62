# make scan FOLDER="WhatsApp Images"   find the memes in a folder (without FOLDER: in samples/)
# make serve                           the web app and verdicts over HTTP on this computer, see docs/server.md
# make image-trial                     make the server's image without Docker and try it (Debian, root)
# make test                            check the code and run all tests
# make apk                             build the Android app, see android/README.md
# make test-android                    build, test and check the Android app
# make android-screenshots             draw the app's screens for docs/android.md and the stores
# make format-android                  format its Kotlin
# make train                           train a tiny model on ../shared (CONFIG=configs/phone.toml: a real one)
# make model SHARED=../shared          train the models that ship, and export them (hours)
# make ladder SHARED=../shared         compare training recipes by folds, write docs/ladder.md
# make bench SHARED=../shared          measure speed and memory, write docs/benchmarks.md
#                                      (BENCH=server: only that section; BENCH="--quick server")
# make docs                            write the README's figures and pictures
# make web                             bundle the web app's runtime (needs npm)
# make lock                            pin the newest versions of all packages

FOLDER ?= samples
SHARED ?= ../shared
CONFIG ?= configs/tiny.toml
PYTHON ?= python3
export FOLDER PYTHON
run = .venv/bin/python -m
repaired = --data $(SHARED)/data --corrections configs/corrections.csv
learned = $(repaired) --weights $(SHARED)/weights --extra runs/drawn
networks = phone mobilenet_v2
bundle = src/memesdetection/server/static/vendor/licences.txt

scan: .venv/installed-run
	@.venv/bin/memes scan -- "$$FOLDER"

serve: .venv/installed-server
	@$(MAKE) --no-print-directory web || echo "So the page judges on the server alone."
	.venv/bin/memes serve

image-trial:
	deploy/try

test: .venv/installed-test
	@$(MAKE) --no-print-directory web || echo "So the tests of the web app are skipped."
	tools/web check
	$(run) ruff check
	$(run) ruff format --check
	$(run) mypy
	.venv/bin/python tools/docs.py --check
	$(run) pytest
	@echo "The Android app has tests of its own: make test-android"

apk:
	tools/android verify -Dmaven.test.skip=true
	@ls -sh1 dist/*.apk

# The tests of the app compare with Python and talk to the real server.
test-android: .venv/installed-test
	tools/android verify

android-screenshots: .venv/installed-test
	tools/android test '-Dtest=*ScreensTest'
	.venv/bin/python android/tools/screenshots.py

format-android:
	tools/android dependency:copy@checks antrun:run@format

train: .venv/installed-test
	.venv/bin/memes train $(CONFIG) --data $(SHARED)/data --weights $(SHARED)/weights

# Val tells which runs ship; docs/quality.md compares them.
model: runs/phone_taught/metrics.json
	.venv/bin/memes ensemble runs/phone_taught runs/mobilenet_v2_crossfit $(repaired) \
		--run runs/server
	for run in phone_taught server; do \
		.venv/bin/memes calibrate runs/$$run $(repaired) --false-alarm-rate-of-others 0.0075 || exit; \
	done
	.venv/bin/memes export runs/phone_taught $(repaired) --compare \
		--output src/memesdetection/models/phone
	.venv/bin/memes export runs/server $(repaired) --compare --variant float16 \
		--output src/memesdetection/models/server

runs/phone_taught/metrics.json: $(networks:%=runs/%_crossfit/metrics.json)
	.venv/bin/memes crossfit runs/phone_crossfit --config configs/phone_taught.toml $(learned) \
		$(networks:%=--teacher runs/%_crossfit) --run runs/phone_taught

runs/%_crossfit/metrics.json: runs/%/metrics.json
	.venv/bin/memes crossfit runs/$* --config configs/$*_crossfit.toml $(learned) \
		--run runs/$*_crossfit

$(networks:%=runs/%/metrics.json): runs/%/metrics.json: .venv/installed-test runs/drawn/whole
	.venv/bin/memes train configs/$*.toml $(learned)

ladder: .venv/installed-test runs/drawn/whole
	.venv/bin/memes folds configs/ladder.toml $(repaired) --weights $(SHARED)/weights \
		--extra runs/drawn --output docs/ladder.md

# A mark of its own, for an index is there before all is drawn.
runs/drawn/whole: .venv/installed-test
	.venv/bin/memes data draw runs/drawn --count 4500 --photos $(SHARED)/data
	@touch $@

bench: .venv/installed-test
	$(run) benchmarks --shared $(SHARED) $(BENCH)

docs: .venv/installed-test web
	.venv/bin/python tools/docs.py
	.venv/bin/python tools/screenshot.py

web: $(bundle)

$(bundle): $(wildcard web/*.js* web/vendor/*.js)
	@tools/web

lock:
	tools/lock --upgrade

# The lock of the tests holds all of the others, so a tested checkout can also scan and serve.
.venv/installed-%: requirements/%.txt pyproject.toml
	@test .venv/installed-test -nt requirements/test.txt || tools/setup $*
	@touch $@

.venv/installed-test: requirements/test.txt pyproject.toml
	@tools/setup test

# Make would delete runs that it takes for steps on the way.
.SECONDARY:

.PHONY: scan serve image-trial test apk test-android android-screenshots format-android train model bench docs web lock
