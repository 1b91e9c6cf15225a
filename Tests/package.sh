#!/usr/bin/env bash
# Tests the Debian package in a bare Debian 12 with systemd, through its whole life cycle:
#   Tests/package.sh [--binary FILE]     from the release build of .ci/run; built if omitted
# Needs root. Debian's packages come from this machine's mirror; the booted system has only loopback.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
source Tests/Lab/debian.sh
((EUID == 0)) || fail 'run it as root: it makes and boots a system of its own'

# The cluster that `pvescout setup` connects to runs with Debian 12's Python, 3.11, and what is in here.
site=.build/lab-venv/lib/python3.11/site-packages
[[ -d $site ]] || fail "wanted $site, found none: run Tests/run.sh first, on a machine with Python 3.11"

source Tests/debian-packages.sh dpkg-dev lintian mmdebstrap systemd-container

.ci/package "$@"
package=$(ls -t .build/package/pvescout_*.deb | head -1)

work=.build/package/boot
image=.build/package/bookworm-openssl.tar
rm -rf "$work"
mkdir -p "$work"

# A minimal Debian, systemd, and the libraries that the package depends on; python3 simulates peers, with certificates by
# openssl.
make_debian bookworm "$image" \
  systemd,systemd-sysv,dbus,libcurl4,libssl3,libstdc++6,python3-minimal,libpython3-stdlib,openssl
mkdir "$work/root"
tar --directory "$work/root" --extract --file "$image"

# The previous version: the same files with a lower version number.
dpkg-deb --raw-extract "$package" "$work/previous"
sed -i 's/^Version: .*/Version: 0.0.1/' "$work/previous/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -z1 --build "$work/previous" "$work/root/root/previous.deb" >/dev/null
cp "$package" "$work/root/root/package.deb"
install --mode 755 Tests/Lab/package_life.sh "$work/root/root/life.sh"
install --mode 644 Tests/Lab/package_peer.py "$work/root/root/peer.py"
mkdir "$work/root/root/lab"
cp Tests/Lab/*.py "$work/root/root/lab/"
cp -R "$site" "$work/root/root/lab/site"

cat >"$work/root/etc/systemd/system/life.service" <<'U'
[Unit]
Description=The life of the package
[Service]
Type=oneshot
ExecStart=/bin/bash /root/life.sh
StandardOutput=file:/root/life.log
StandardError=inherit
ExecStopPost=/usr/bin/systemctl poweroff --no-block
[Install]
WantedBy=multi-user.target
U
mkdir -p "$work/root/etc/systemd/system/multi-user.target.wants"
ln -s ../life.service "$work/root/etc/systemd/system/multi-user.target.wants/"

timeout 800 systemd-nspawn --quiet --directory "$work/root" --machine "pvescout-$$" --register=no --keep-unit \
  --private-network --console=pipe --boot >"$work/boot.log" 2>&1 || true
if [[ -s $work/root/root/life.log ]]; then
  cat "$work/root/root/life.log"
else
  printf 'NOT BOOTED: %s\n' "$(tail -1 "$work/boot.log")"
  chroot "$work/root" /bin/bash /root/life.sh --without-systemd | tee "$work/root/root/life.log"
fi
tail -1 "$work/root/root/life.log" | grep -qx 'the package lives and goes' || fail 'the package failed, see above'
rm -rf "$work"
