# Thin wrapper over CMake; `cmake --preset …` and ctest do the same by hand.
PRESET ?= release
BUILD := build/$(PRESET)
JOBS ?= $(shell nproc)
MAKEFLAGS += --no-print-directory

.PHONY: all demo test check bench docs format install clean dependencies

all: dependencies
	cmake --preset $(PRESET) --log-level=WARNING
	cmake --build --preset $(PRESET) -j $(JOBS) -- --quiet

demo: all
	tests/demo $(BUILD)/bin/promptgen

test: all
	ctest --preset $(PRESET) -j $(JOBS)
	tests/count_tests $(BUILD)

check: dependencies
	tests/check/run $(JOBS)

bench: all
	tests/bench/run $(BUILD)

docs: all
	docs/gen/run $(BUILD)/bin/promptgen

format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

install: all
	cmake --install $(BUILD)

clean:
	rm -rf build

dependencies:
	@tests/install_dependencies
