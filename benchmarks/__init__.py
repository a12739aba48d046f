"""Speed and endurance, measured against a model of fixed speed. `make bench` runs it; see `docs/benchmarks.md`."""
