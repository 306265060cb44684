# shellcheck shell=bash
# Entering environments; container/run reads this file and sets here, repo, cache, root, jit and the
# names of the settings of Open MPI.

# Makes the source tree importable, wins over an installed anodefem, and keeps one thread per rank.
use_clone() {
    export PYTHONPATH="$repo/src${PYTHONPATH:+:$PYTHONPATH}"
    export PATH="$here/bin:$PATH"
    export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}" OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"
    export MKL_NUM_THREADS="${MKL_NUM_THREADS:-1}"
    if [ -n "${ANODEFEM_JIT_CACHE:-}" ]; then
        mkdir -p "$ANODEFEM_JIT_CACHE"
        export XDG_CACHE_HOME="$ANODEFEM_JIT_CACHE"
    fi
}

# Becomes a command in the root file system: usage `(enter VENV ro|rw CMD...)`. /usr and /etc are
# those of the root; every other folder of the machine is itself, so any path means the same inside.
enter() {
    local venv=$1 mode=$2 entry name path variable listened=INT,TERM,USR1,USR2
    shift 2
    [ -n "$(trap -p HUP)" ] || listened+=,HUP # under nohup the command ignores it, too
    # bubblewrap waits beside the command and would die of a signal meant for it, and take it along.
    trap '' INT TERM USR1 USR2 HUP
    local -a shared=() args=(--die-with-parent --tmpfs / --dev /dev --proc /proc
        --ro-bind /sys /sys --bind /tmp /tmp --tmpfs /run --dir /var/lib --dir /var/cache)
    for entry in "$root"/*; do
        name=/${entry##*/}
        if [ -L "$entry" ]; then
            args+=(--symlink "$(readlink "$entry")" "$name")
        elif [ "$name" = /usr ] || [ "$name" = /etc ]; then
            args+=(--ro-bind "$entry" "$name")
        fi
    done
    args+=(--ro-bind "$root/var/lib/dpkg" /var/lib/dpkg --tmpfs /usr/local --dir /usr/local/bin)
    for entry in /*; do
        case $entry in
        /bin | /boot | /dev | /etc | /lib* | /lost+found | /proc | /run | /sbin | /sys | /tmp | /usr | /var) ;;
        *)
            if [ -L "$entry" ]; then
                args+=(--symlink "$(readlink "$entry")" "$entry")
            elif [ -d "$entry" ] && [ -r "$entry" ]; then
                args+=(--bind "$entry" "$entry")
                shared+=("$entry")
            fi
            ;;
        esac
    done

    # The clone, the caches and the working folder, should they lie in /var or the like.
    for path in /var/tmp "$repo" "$cache" "$jit" "$PWD" "${TMPDIR:-/tmp}" "${HOME:-/}"; do
        [ ! -e "$path" ] || reachable "$path" || args+=(--bind "$path" "$path")
    done
    # Name resolution, accounts, and the certificates and package indexes that pip is told to use.
    for path in /etc/resolv.conf /etc/hosts /etc/passwd /etc/group /etc/pip.conf /etc/ssl/certs; do
        [ ! -e "$path" ] || args+=(--ro-bind "$(readlink -f "$path")" "$path")
    done
    while read -r path; do
        reachable "$path" || args+=(--ro-bind "$path" "$path")
    done < <(pip_folders)
    for variable in SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE PIP_CERT \
        PIP_CLIENT_CERT PIP_CONFIG_FILE; do
        path=${!variable:-}
        if [ ! -e "$path" ] || reachable "$path"; then continue; fi
        case $path in /etc/ssl/certs*) continue ;; esac
        args+=(--ro-bind "$(readlink -f "$path")" "/run/$variable" --setenv "$variable" "/run/$variable")
    done

    # What belongs to the machine outside and would mislead the programs inside.
    for variable in LD_LIBRARY_PATH LD_PRELOAD PYTHONHOME VIRTUAL_ENV CONDA_PREFIX CC CXX DISPLAY \
        WAYLAND_DISPLAY XDG_RUNTIME_DIR PETSC_DIR PETSC_ARCH LANE MAKEFLAGS MAKELEVEL MFLAGS \
        $(compgen -e | grep -E '^(SLURM|PBS|OMPI|PMIX|PRTE|OPAL)_' || true); do
        args+=(--unsetenv "$variable")
    done
    args+=(
        --"$([ "$mode" = rw ] || echo ro-)"bind "$venv" /anodefem-env
        --setenv PATH "$here/bin:/anodefem-env/bin:/usr/local/bin:/usr/bin:/bin"
        --setenv PYTHONPATH "$repo/src" --setenv PYTHONNOUSERSITE 1
        --setenv LC_ALL C.UTF-8
        --setenv PYVISTA_OFF_SCREEN true --setenv VTK_DEFAULT_OPENGL_WINDOW vtkEGLRenderWindow
        --setenv XDG_CACHE_HOME "$jit"
        --setenv OMP_NUM_THREADS "${OMP_NUM_THREADS:-1}"
        --setenv OPENBLAS_NUM_THREADS "${OPENBLAS_NUM_THREADS:-1}"
        # Open MPI: root is allowed, ranks talk through shared memory, and more ranks than cores
        # (mpirun -n 3 on a laptop) share them politely instead of being refused or pinned.
        --setenv OMPI_ALLOW_RUN_AS_ROOT 1 --setenv OMPI_ALLOW_RUN_AS_ROOT_CONFIRM 1
        --setenv OMPI_MCA_btl "self,sm" --setenv OMPI_MCA_mpi_yield_when_idle 1
        --setenv OMPI_MCA_rmaps_base_oversubscribe 1
        --setenv "PRTE_MCA_$map_by" :oversubscribe --setenv "PRTE_MCA_$bind_to" none
        --chdir "$PWD"
    )
    exec bwrap "${args[@]}" env --default-signal="$listened" -- "$@"
}

# Whether a path is already visible inside; uses `shared` of its caller.
reachable() {
    local folder
    for folder in "${shared[@]}" /tmp; do
        case $1/ in "$folder"/*) return 0 ;; esac
    done
    return 1
}

# Existing folders that pip's configuration names by path (find-links, file:// indexes).
pip_folders() {
    {
        cat /etc/pip.conf /etc/xdg/pip/pip.conf "${HOME:-/nowhere}"/.{config/pip,pip}/pip.conf \
            "${PIP_CONFIG_FILE:-/nowhere}" 2>/dev/null || true
        echo "${PIP_FIND_LINKS:-} ${PIP_INDEX_URL:-} ${PIP_EXTRA_INDEX_URL:-}"
    } | grep --only-matching --extended-regexp '(^|[[:space:]=]|file://)/[^[:space:]]+' |
        sed 's|^[^/]*\(file://\)\{0,1\}||' | while read -r path; do
        [ ! -d "$path" ] || echo "$path"
    done
}

# Runs a command in the root file system, passes signals on, and exits with its code: usage
# `enter_and_wait VENV CMD...`.
enter_and_wait() {
    local venv=$1 child code=0 again=1
    shift
    # Not exec: bubblewrap dies with its parent, and that is this script and not the login shell,
    # so that a run under nohup outlives the login. In the background, so that this script hears of
    # a SIGTERM, SIGUSR1 or SIGHUP while it waits; Ctrl-C reaches the command by itself.
    enter "$venv" ro "$@" <&0 &
    child=$!
    trap 'again=1' INT
    trap 'again=1; pass_on TERM "$child"' TERM
    trap 'again=1; pass_on USR1 "$child"' USR1
    trap 'again=1; pass_on HUP "$child"' HUP
    while [ "$again" = 1 ]; do
        again=0
        wait "$child" && code=0 || code=$?
    done
    exit "$code"
}

# Passes signal $1 on to the command that runs below process $2, unless it is ending already
# because whoever sent the signal sent it to every process.
# shellcheck disable=SC2329 # a trap calls it
pass_on() {
    local number=$1 pid=$2
    sleep 0.5
    while [[ $(cat "/proc/$pid/comm" 2>/dev/null) = @(run|bwrap) ]]; do
        pid=$(cut -d ' ' -f 1 "/proc/$pid/task/$pid/children" 2>/dev/null) || pid=""
    done
    [ -z "$pid" ] || kill "-$number" "$pid" 2>/dev/null || true
}
