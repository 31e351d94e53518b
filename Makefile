# Thin names. What they do is in scripts/ and in CMakePresets.json.
.PHONY: run test build check soak bench overload million-users chaos-push chaos-roles chaos-handover chaos-resize limits-oracle tsan fuzz format tidy clean

run: ## install what is missing, build, start the server with the simulator on 127.0.0.1:8080
	@scripts/run

test: ## install what is missing, build, run all tests
	@scripts/setup
	@cmake --preset release
	@cmake --build --preset release
	@ctest --preset release

build: ## leaves the program at build/release/weappd
	@scripts/setup
	@cmake --preset release
	@cmake --build --preset release --target weappd

check: ## the slower checks: sanitizers, format, clang-tidy
	@scripts/check

soak: ## the simulation of SEEDS (2,000) seeds; prints what happened and the first seed that fails
	@scripts/soak

bench: ## weappd beside bare Beast and nginx; prints a table
	@bench/run

overload: ## three times what the server can do, for a minute; prints what is served and when all is normal again
	@bench/overload

million-users: ## a million known users, 200,000 awake; prints memory and how fast they wake
	@scripts/million-users

chaos-push: ## 200 kills while messages are asked for; prints what became of them
	@scripts/chaos-push

chaos-roles: ## every actor killed once a second for 30 s under load; prints what clients saw
	@scripts/chaos-roles

chaos-handover: ## 20 servers follow one another under 1,000 requests/s; prints what clients saw
	@scripts/chaos-handover

chaos-resize: ## pools go 1 -> 8 -> 2 by SIGHUP under 2,000 requests/s; prints what operators and clients saw
	@scripts/chaos-resize

limits-oracle: ## each rate-limit algorithm against an oracle that counts, and memory under attack; prints figures
	@scripts/limits-oracle

tsan: ## bridge and flow tests under ThreadSanitizer, with a CAF built for it
	@scripts/tsan

fuzz: ## each fuzz target for a minute
	@scripts/fuzz

format:
	@git ls-files '*.hpp' '*.cpp' | xargs clang-format -i

tidy:
	@scripts/tidy

clean:
	rm -rf build
