# shellcheck shell=bash
# Building environments; container/run reads this file and sets here, repo, cache and pins.
# An environment is named after a hash of what it is made of: the lists, and the functions build_root
# and build_venv as they are written here.

# Third-party requirements of pyproject.toml, one per line. tests/test_container.py compares them
# with what a TOML parser finds.
requirements() {
    awk -F'"' '/^(dependencies|mesh|compare|movie|view|docs|dev) = \[$/ { on = 1; next }
               /^\]$/ { on = 0 }
               on && NF > 1 { print $2 }' "$repo/pyproject.toml"
}

packages() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/packages.txt"; }

key() { sha256sum | cut -c1-12; }

# Takes the lock of an environment ($1), so that two callers do not build it twice.
lock() {
    mkdir -p "$cache"
    exec 9>"$cache/$1.lock"
    flock --nonblock 9 || { say "waiting for another process that builds $1" && flock 9; }
}

# Builds the conda environment $2 with the tool $1, unless it is there.
build_conda() {
    local tool=$1 prefix=$2
    [ ! -e "$prefix/complete" ] || return 0
    lock "$(basename "$prefix")"
    if [ ! -e "$prefix/complete" ]; then
        say "building $prefix with $tool (once)"
        rm -rf "$prefix"
        if [ "$tool" = micromamba ]; then
            micromamba create --yes --prefix "$prefix" --file "$here/environment.yml" >&2
        else
            "$tool" env create --prefix "$prefix" --file "$here/environment.yml" >&2
        fi || return 1
        touch "$prefix/complete"
    fi
    exec 9>&-
}

# Finds bubblewrap and mmdebstrap, or installs them.
need_tools() {
    local missing=() tool
    for tool in bwrap mmdebstrap flock $([ "$(id -u)" = 0 ] || echo newuidmap); do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        command -v apt-get >/dev/null ||
            fail "no dolfinx, no conda and not a Debian-family machine: activate an environment" \
                "with dolfinx >=$oldest,<$newest, or build container/Dockerfile or apptainer.def."
        [ "$(id -u)" = 0 ] || fail "missing: ${missing[*]}. Ask an administrator for:" \
            "apt-get install bubblewrap mmdebstrap uidmap debian-archive-keyring"
        say "installing ${missing[*]} (once)"
        export DEBIAN_FRONTEND=noninteractive
        # Any one unreachable source makes update fail, though what is needed may be there.
        apt-get update >&2 || say "apt-get update reported errors, trying to go on"
        apt-get install --yes --no-install-recommends \
            bubblewrap mmdebstrap debian-archive-keyring util-linux >&2
    fi
    bwrap --ro-bind / / true 2>/dev/null ||
        fail "bubblewrap may not create namespaces on this machine (neither as root nor as user);" \
            "use conda, or build container/Dockerfile or container/apptainer.def."
}

# Builds the root file system $2 of Debian suite $1. It travels as a tar stream, because then its
# files belong to the caller, who can remove them, whether he is root or not. What root mounts on the
# way is in a mount namespace of its own, and is gone when a build is killed.
build_root() {
    local suite=$1 root=$2 list alone=()
    [ "$(id -u)" != 0 ] || alone=(unshare --mount)
    list=$(packages | paste --serial --delimiters=,)
    mkdir -p "$root.partial"
    "${alone[@]}" mmdebstrap --variant=minbase --format=tar --include="$list" \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        "$suite" - | tar --extract --directory "$root.partial" --no-same-owner --exclude='./dev/*'
    # Places to mount on: the root itself is read-only later.
    touch "$root.partial/etc/resolv.conf" "$root.partial/etc/pip.conf" "$root.partial/etc/hosts"
    mv "$root.partial" "$root"
}

build_venv() {
    local venv=$1 constraints=()
    [ -z "$pins" ] || constraints=(--constraint "$pins")
    mkdir -p "$venv.partial"
    (enter "$venv.partial" rw python3 -m venv --system-site-packages /anodefem-env)
    requirements | (enter "$venv.partial" rw \
        pip install --no-input -qq "${constraints[@]}" --requirement /dev/stdin) >&2
    (enter "$venv.partial" rw python3 "$here/versions.py" --brief) >&2
    mv "$venv.partial" "$venv"
}

# Builds what is missing of the environment, under its lock; sets root and venv.
prepare() {
    local suite=$1 start=$SECONDS
    root="$cache/root-$suite-$({ echo "$suite" && packages && declare -f build_root; } | key)"
    venv="$cache/venv-$suite-$({ echo "$root" && requirements && cat ${pins:+"$pins"} &&
        declare -f build_venv; } | sed "s|$cache||" | key)"
    [ ! -d "$root" ] || [ ! -d "$venv" ] || return 0
    need_tools
    lock "$suite"
    trap 'rm -rf --one-file-system "$root.partial" "$venv.partial"; say "the environment was not built"' EXIT
    if [ -d "$root" ] && [ -d "$venv" ]; then
        trap - EXIT
        exec 9>&-
        return 0
    fi
    if [ ! -d "$root" ]; then
        say "building Debian $suite with dolfinx in $root (once)"
        rm -rf --one-file-system "$root.partial"
        build_root "$suite" "$root"
    fi
    if [ ! -d "$venv" ]; then
        say "installing Python packages in $venv (once)"
        rm -rf --one-file-system "$venv.partial"
        build_venv "$venv"
    fi
    trap - EXIT
    exec 9>&-
    say "built in $((SECONDS - start)) s: $(du --total --summarize --human-readable \
        "$root" "$venv" 2>/dev/null | tail -n 1 | cut -f1) in $cache"
}
