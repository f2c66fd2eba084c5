#!/bin/sh
# Installs Cortex on this machine as a service, or removes it. Running it again upgrades; data and settings are kept.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

usage() {
  cat <<'EOF'
usage: install.sh [options]
  --binary PATH   program to install (default: dist/cortex beside this script)
  --sha256 HEX    refuse the program unless it has this checksum
  --prefix DIR    where programs go (default: /usr/local)
  --root DIR      install below another root, for images and packages; starts nothing
  --with-helper   also install the privileged helper: root work by signed approval (docs/guides/privileges.md)
  --role ROLE     all (default), agent or monitor: which unit is installed
  --no-start      install, but neither enable nor start the service
  --uninstall     stop and remove the service and the program; data and settings stay
  --purge         with --uninstall: remove data, settings and the user as well
EOF
}

say() { printf 'cortex: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

here=$(cd "$(dirname "$0")" && pwd)
binary=$here/dist/cortex
sha256=
prefix=/usr/local
root=
role=all
start=yes
uninstall=no
purge=no
helper=no

need_value() { [ "$#" -ge 2 ] || die "$1 needs a value; see --help"; }
while [ "$#" -gt 0 ]; do
  case $1 in
    --binary | --sha256 | --prefix | --root | --role) need_value "$@" ;;
  esac
  case $1 in
    --binary) binary=$2 && shift ;;
    --sha256) sha256=$2 && shift ;;
    --prefix) prefix=${2%/} && shift ;;
    --root) root=${2%/} && shift ;;
    --role) role=$2 && shift ;;
    --no-start) start=no ;;
    --uninstall) uninstall=yes ;;
    --purge) purge=yes ;;
    --with-helper) helper=yes ;;
    -h | --help) usage && exit 0 ;;
    *)
      usage >&2
      die "unknown option $1"
      ;;
  esac
  shift
done

# Paths as the installed system sees them; on this machine they lie below $root.
lib=$prefix/lib/cortex
program=$lib/cortex
wrapper=$prefix/bin/cortex
units=/etc/systemd/system
settings=/etc/cortex
data=/var/lib/cortex
# The key of stored secrets lies apart from them, so that a copy of the data does not hold both.
keys=/var/lib/cortex-key
helper_state=/var/lib/cortex-helper

check_options() {
  for dir in "$prefix" "$root"; do
    case $dir in
      '' | /*) ;;
      *) die "$dir must be an absolute path" ;;
    esac
    # The paths are written into a unit and a script: nothing there may need quoting.
    case $dir in
      *[!A-Za-z0-9/._-]*) die "$dir may hold only letters, digits, and . _ - /" ;;
    esac
  done
  case $role in
    all) service=cortex ;;
    agent | monitor) service=cortex-$role ;;
    *) die "--role must be all, agent or monitor" ;;
  esac
  [ "$helper" = no ] || [ "$role" != monitor ] || die "--with-helper goes where an agent runs: a Monitor does no root work"
  [ "$purge" = no ] || [ "$uninstall" = yes ] || die "--purge goes with --uninstall"
  [ -z "$root" ] || [ -d "$root" ] || die "$root is not a folder"
}

check_machine() {
  [ "$(uname -s)" = Linux ] || die "Cortex is installed on Linux only; this is $(uname -s)"
  [ "$(id -u)" = 0 ] || die "run this as root, for example with sudo: it adds a user and a service"
}

# Byte 18 of an ELF file names the processor: 3e is x86-64, b7 is arm64.
check_binary() {
  [ -f "$binary" ] || die "$binary does not exist; build it with \`npm run build\` or name one with --binary"
  [ "$(head -c 4 "$binary" | od -An -tx1 | tr -d ' ')" = 7f454c46 ] || die "$binary is not a Linux program"
  case $(uname -m) in
    x86_64 | amd64) wanted=3e ;;
    aarch64 | arm64) wanted=b7 ;;
    *) die "there is no Cortex for $(uname -m); there is one for x86_64 and aarch64" ;;
  esac
  found=$(od -An -tx1 -j18 -N1 "$binary" | tr -d ' ')
  [ "$found" = "$wanted" ] || die "$binary is built for another processor than $(uname -m)"
  if [ -n "$sha256" ]; then
    [ "$(sha256sum "$binary" | cut -d' ' -f1)" = "$sha256" ] ||
      die "$binary does not have the checksum $sha256: not installed"
  fi
  [ -n "$root" ] || env -i "$binary" version >/dev/null 2>&1 ||
    die "$binary does not run here; on a system with musl (Alpine) use the musl build"
}

# Ids in the target's own files, so that a root below another folder gets its own numbers.
id_in_root() { sed -n "s/^cortex:[^:]*:\([0-9]*\):.*/\1/p" "$root/etc/$1" 2>/dev/null | head -n 1; }

create_user() {
  [ -z "$(id_in_root passwd)" ] || return 0
  if [ -n "$root" ] && [ ! -f "$root/etc/passwd" ]; then
    say "$root has no users yet: add the system user cortex there, then run this again"
    return 0
  fi
  nologin=/usr/sbin/nologin
  [ -x "$root$nologin" ] || nologin=/sbin/nologin
  if command -v useradd >/dev/null 2>&1; then
    [ -n "$(id_in_root group)" ] || groupadd ${root:+--prefix "$root"} --system cortex
    useradd ${root:+--prefix "$root"} --system --gid cortex --home-dir "$data" --no-create-home --shell "$nologin" cortex
  elif [ -z "$root" ] && command -v adduser >/dev/null 2>&1; then
    adduser -S -D -H -h "$data" -s "$nologin" -G "$(addgroup -S cortex >/dev/null 2>&1 && echo cortex)" cortex
  else
    die "neither useradd nor adduser is here: add the system user cortex, then run this again"
  fi
  # Reading the journal and /var/log needs no other right than these groups, where they exist.
  for group in systemd-journal adm; do
    grep -q "^$group:" "$root/etc/group" || continue
    command -v usermod >/dev/null 2>&1 || continue
    usermod ${root:+--prefix "$root"} --append --groups "$group" cortex
  done
  say "added the system user cortex"
}

# Written aside and renamed: a running program keeps its own file, and no half-written one is ever seen.
put() { # MODE TARGET, content on standard input
  mkdir -p "$root$(dirname "$2")"
  cat >"$root$2.new"
  chmod "$1" "$root$2.new"
  mv -f "$root$2.new" "$root$2"
}

install_program() {
  # The former program stays beside the new one, to go back to.
  [ ! -f "$root$program" ] || cmp -s "$binary" "$root$program" || cp -p "$root$program" "$root$program.previous"
  put 0755 "$program" <"$binary"
  [ ! -f "$here/README.md" ] || put 0644 "$lib/README.md" <"$here/README.md"
  put 0755 "$wrapper" <<EOF
#!/bin/sh
# Starts Cortex with a fixed environment: whatever else is set (BUN_OPTIONS, LD_PRELOAD, …) could run other code in it.
set -eu
set -- "$program" "\$@"
settings=\$(env | sed -n 's/^\(CORTEX_[A-Z0-9_]*\)=.*/\1/p')
for name in HOME TERM LANG LC_ALL TZ NO_COLOR COLUMNS XDG_CONFIG_HOME XDG_STATE_HOME \$settings; do
  eval "value=\\\${\$name-}"
  [ -z "\$value" ] || set -- "\$name=\$value" "\$@"
done
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "\$@"
EOF
}

install_settings() {
  uid=$(id_in_root passwd)
  gid=$(id_in_root group)
  mkdir -p "$root$settings/plugins" "$root$data" "$root$keys"
  if [ ! -f "$root$settings/cortex.yaml" ]; then
    {
      [ ! -f "$here/config/cortex.example.yaml" ] || cat "$here/config/cortex.example.yaml"
      printf 'version: 1\nsecrets:\n  key_file: %s/kek\n' "$keys"
    } | put 0640 "$settings/cortex.yaml"
  fi
  # Cortex reads its settings and can't change them: who takes over the service must not gain its configuration.
  chown -R "0:${gid:-0}" "$root$settings"
  chmod 0750 "$root$settings" "$root$settings/plugins"
  # From the start only plugins run that were looked at: cortex plugin allow NAME.
  [ -f "$root$settings/plugins.lock" ] || printf '{ "version": 1, "plugins": {} }\n' | put 0644 "$settings/plugins.lock"
  chown "${uid:-0}:${gid:-0}" "$root$data" "$root$keys"
  chmod 0700 "$root$data" "$root$keys"
}

install_unit() {
  source=$here/config/systemd/$service.service
  [ -f "$source" ] || die "config/systemd/$service.service is missing beside this script"
  sed "s#/usr/local/lib/cortex#$lib#g" "$source" | put 0644 "$units/$service.service"
}

# Exactly the root work that the configuration asks for; `cortex privileges install` repeats it after a change.
install_privileges() {
  [ "$role" != monitor ] || return 0
  env -i PATH="$PATH" "$binary" privileges install --config "$root$settings/cortex.yaml" --root "$root/" >/dev/null 2>&1 ||
    say "rights for repairs were not installed; run: cortex privileges install"
}

# It allows nothing until root writes its policy and names whose decisions count; run again without the option, it stays.
install_helper() {
  [ "$helper" = yes ] || return 0
  for name in cortex-helper.service cortex-helper.socket; do
    [ -f "$here/config/systemd/$name" ] || die "config/systemd/$name is missing beside this script"
    sed "s#/usr/local/lib/cortex#$lib#g" "$here/config/systemd/$name" | put 0644 "$units/$name"
  done
  mkdir -p "$root$settings/trust.d"
  chown 0:0 "$root$settings/trust.d"
  chmod 0755 "$root$settings/trust.d"
  if has_systemd; then
    systemctl daemon-reload
    systemctl enable --now --quiet cortex-helper.socket
  fi
  say "the privileged helper allows nothing yet; run: cortex helper init"
}

has_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

start_service() {
  if has_systemd; then
    systemctl daemon-reload
    if [ "$start" = no ]; then
      say "not started; start it with: systemctl enable --now $service"
      return
    fi
    systemctl enable --quiet "$service.service"
    systemctl restart "$service.service"
    say "running; the first visit's address is in: journalctl -u $service | grep Setup:"
  elif [ -z "$root" ]; then
    say "systemd does not run here; start it with:"
    printf 'setpriv --reuid=cortex --regid=cortex --init-groups %s up --config %s/cortex.yaml --data-dir %s --plugins-dir %s/plugins\n' \
      "$wrapper" "$settings" "$data" "$settings"
  fi
}

remove() {
  if has_systemd; then
    for name in cortex-helper.socket cortex-helper.service cortex.service cortex-agent.service cortex-monitor.service; do
      systemctl disable --now --quiet "$name" 2>/dev/null || true
    done
  fi
  for name in cortex cortex-agent cortex-monitor; do
    rm -f "$root$units/$name.service" "$root$units/multi-user.target.wants/$name.service"
  done
  rm -f "$root$units/cortex-helper.service" "$root$units/cortex-helper.socket" "$root$units/sockets.target.wants/cortex-helper.socket"
  # What `cortex privileges install` wrote; without the program nobody uses it.
  rm -f "$root$units"/cortex-act-*.service "$root/etc/polkit-1/rules.d/50-cortex.rules" "$root$settings/privileges.json"
  rm -f "$root$wrapper"
  rm -rf "$root${lib:?}"
  if has_systemd; then systemctl daemon-reload; fi
  if [ "$purge" = yes ]; then
    rm -rf "$root${settings:?}" "$root${data:?}" "$root${keys:?}" "$root${helper_state:?}"
    if [ -n "$(id_in_root passwd)" ] && command -v userdel >/dev/null 2>&1; then
      userdel ${root:+--prefix "$root"} cortex
    fi
    say "removed, with data, settings and user"
  else
    say "removed; data stays in $data and settings in $settings (--purge removes them)"
  fi
}

check_options
# An empty --root means this machine; with uninstall and purge a mistyped one must not.
[ "$root" != / ] || root=
check_machine
if [ "$uninstall" = yes ]; then
  remove
  exit 0
fi
check_binary
create_user
install_program
install_settings
install_unit
install_privileges
install_helper
say "installed $wrapper"
start_service
