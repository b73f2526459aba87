#!/bin/sh
# Draw the data and make every number again. Run from the checkout's root, with its Python on the path or named by PYTHON.
set -u
python=${PYTHON:-.venv/bin/python}
export TZ=UTC OMP_NUM_THREADS=1
"$python" tests/reference/make/draw.py || exit 1
for script in did series; do "$python" "tests/reference/make/${script}_by_definition.py" || exit 1; done
left=""
logs=$(mktemp -d)
for script in did regressions series synth matching theory rdd adoption synthesis; do
  echo "== $script"
  Rscript "tests/reference/make/$script.R" > "$logs/$script.log" 2>&1 || { left="$left $script"; tail -n 2 "$logs/$script.log"; }
done
[ -z "$left" ] || { echo "not made:$left"; exit 1; }
