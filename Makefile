# Two commands do everything on a fresh machine: `make run` and `make test`.

# rustup's folder, for a shell that was opened before rustup was installed.
export PATH := $(PATH):$(HOME)/.cargo/bin

GPU ?=
ARGS ?=
BENCH ?=
EXAM ?=
TEST ?=

features = $(if $(GPU),--features $(GPU))

.PHONY: help run test lint bench picture pocket pocket-exam setup

help:
	@printf 'make %-11s %s\n' \
	  run   'builds, then starts the playground; ARGS="..." is passed on, GPU=vulkan|cuda|metal builds that backend in' \
	  test  'runs every test; TEST=name only those whose name holds it' \
	  lint  'format, clippy and documentation, warnings denied' \
	  bench 'runs the benchmarks; BENCH=name only that one' \
	  picture "draws README's picture anew: the real screen, by way of tmux" \
  pocket 'trains the pocket models anew: hours on two cores; goes on where it was interrupted' \
  pocket-exam 'examines the pocket models through the program and prints the table; EXAM="--seed N --count N"'

run: setup
	@cargo run --release --locked $(features) -- $(ARGS)

test: setup
	cargo test --locked $(features) --no-fail-fast $(TEST)

lint: setup
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --no-default-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps

bench: setup
	cargo bench --locked $(features) $(if $(BENCH),--bench $(BENCH))

picture: setup
	cargo build --release --locked $(features)
	.ci/picture target/release/tierscope assets/screen.svg

train = assets/pocket/train
python = target/pocket/venv/bin/python

pocket:
	test -x $(python) || python3 -m venv target/pocket/venv
	$(python) -m pip install --quiet --requirement $(train)/requirements.txt
	for stage in base reasoning flagship pupil small; do $(python) $(train)/train.py $$stage --out target/pocket || exit 1; done
	$(python) $(train)/export.py target/pocket assets/pocket

pocket-exam: setup
	cargo build --release --locked $(features)
	python3 $(train)/evaluate.py target/release/tierscope $(EXAM)

# What the build needs is found or installed, with words about what and why; silent where all is there.
setup:
	@sh .ci/setup $(GPU)
