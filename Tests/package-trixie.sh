#!/usr/bin/env bash
# Installs the Debian package in a bare Debian 13, which has the package's libraries under other names (libcurl4t64), and
# runs the demo there:
#   Tests/package-trixie.sh [--binary FILE]     as for Tests/package.sh
# Needs root. Debian's packages come from this machine's mirror; the installed program has only loopback.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
source Tests/Lab/debian.sh
((EUID == 0)) || fail 'run it as root: it makes a system of its own'
source Tests/debian-packages.sh dpkg-dev lintian mmdebstrap systemd-container

.ci/package "$@"
package=$(ls -t .build/package/pvescout_*.deb | head -1)
image=.build/package/trixie.tar
make_debian trixie "$image" systemd,libcurl4t64,libssl3t64,libstdc++6

root=.build/package/trixie
rm -rf "$root"
mkdir "$root"
tar --directory "$root" --extract --file "$image"
cp "$package" "$root/root/package.deb"
# Every installed Debian has it.
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
cat >"$root/root/try.sh" <<'T'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
[[ $(dpkg-query --show --showformat='${db:Status-Status}' libcurl4t64) == installed ]]
dpkg --install /root/package.deb
echo "ok: installed, with libraries of Debian $(cat /etc/debian_version)"
# Of a library that is missing ldd says so, and succeeds.
if ldd /usr/bin/pvescout | grep 'not found'; then exit 1; fi
pvescout --version
id pvescout >/dev/null && getent group pvescout-admin >/dev/null
echo 'ok: the users are made'
systemd-analyze verify /usr/lib/systemd/system/pvescout.service
echo "ok: the unit holds for systemd $(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')"
pvescout demo --once -o json >/root/demo.json
grep -q '"state":"linked"' /root/demo.json
echo 'ok: the demo links its routes'
dpkg --purge pvescout
[[ ! -e /usr/bin/pvescout && ! -e /var/lib/pvescout && ! -e /etc/pvescout ]]
echo 'ok: purged'
T
systemd-nspawn --quiet --directory "$root" --machine "pvescout-$$" --register=no --keep-unit --private-network \
  --console=pipe /bin/bash /root/try.sh || fail 'the package failed, see above'
rm -rf "$root"
