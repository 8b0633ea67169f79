# Sourced by the scripts in bin/, which set $requirements, the file to install from. Finds a Python that is new
# enough, makes .venv with it, and leaves
#   $root    the folder of manage.py
#   $python  the Python of .venv, with everything in that file installed
# POSIX sh, because it must be able to say what is missing on a machine that has nothing yet.

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)

new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

found=
for candidate in ${PYTHON:+"$PYTHON"} python3 python python3.14 python3.13 python3.12 python3.11; do
    if new_enough "$candidate"; then
        found=$candidate
        break
    fi
done
if [ -z "$found" ]; then
    echo "需要 Python 3.11 或更高版本：请安装后重新运行，或用环境变量 PYTHON 指定其路径。" >&2
    exit 1
fi

# Some machines forbid to keep what was compiled: every process would compile all of Django anew, half of its start.
unset PYTHONDONTWRITEBYTECODE

"$found" -I -X utf8 "$root/bin/lib/environment.py" "$requirements" || exit
python=$root/.venv/bin/python
