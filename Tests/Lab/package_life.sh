#!/bin/bash
# The life of the package inside the system that Tests/package.sh boots: a line a finding, and a last one if all held.
set -u
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
trap 'jobs -p | xargs -r kill 2>/dev/null' EXIT

ok() { printf 'ok: %s\n' "$1"; }
fail() {
  printf 'FAILED: %s\n' "$1"
  [[ -d /run/systemd/system ]] && journalctl --no-pager --unit pvescout --lines 40
  exit 1
}
# Looks again until a condition holds.
until_true() {
  local deadline=$((SECONDS + 60))
  until eval "$2"; do
    ((SECONDS < deadline)) || fail "$1"
    sleep 0.1
  done
  ok "$1"
}
must() { eval "$2" && ok "$1" || fail "$1: $2"; }
of() { systemctl show --property "$1" --value pvescout.service; }
install_package() { dpkg --install "/root/$1.deb" >/root/dpkg.log 2>&1 || { cat /root/dpkg.log; fail "dpkg --install $1"; }; }
bytes() { cat /etc/pvescout/* | sha256sum; }

install_package previous
must 'installed without a question, user and group made' 'id pvescout >/dev/null && getent group pvescout-admin >/dev/null'
must 'nothing but an empty folder in /etc' '[[ -d /etc/pvescout && -z $(ls -A /etc/pvescout) && -z $(dpkg-query --show --showformat="\${Conffiles}" pvescout) ]]'
must 'the program runs' 'pvescout --version | grep -q .'
must 'completions and manual pages' '[[ -s /usr/share/bash-completion/completions/pvescout && -s /usr/share/man/man1/pvescout.1.gz || -d /etc/dpkg/dpkg.cfg.d ]]'

if [[ ${1:-} == --without-systemd ]]; then
  install_package package
  dpkg --purge pvescout >/dev/null 2>&1 || fail 'purge'
  must 'purged' '[[ ! -e /usr/bin/pvescout && ! -e /etc/pvescout && ! -e /var/lib/pvescout ]]'
  echo 'the package lives and goes'
  exit
fi

must 'enabled, and not started without a configuration' '[[ $(of UnitFileState) == enabled && $(of ActiveState) == inactive ]]'

# From an installed package to linked routes.
PYTHONPATH=/root/lab/site python3 -B /root/lab/fakepve_lab.py --directory /root/lab/pve --nodes 2 --lxc 8 >/root/lab/log 2>&1 &
lab=$!
until_true 'a cluster answers' '[[ -s /root/lab/pve/manifest.json ]]'
manifest() { python3 -c 'import json, sys; m = json.load(open("/root/lab/pve/manifest.json")); print(eval(sys.argv[1]))' "$1"; }
manifest 'm["password"]' >/root/password
begin=$(date +%s%N)
pvescout setup "$(manifest 'm["endpoints"][0]')" --yes --fingerprint "$(manifest 'm["fingerprint"]')" \
  --password-file /root/password >/root/setup.log 2>&1 || { cat /root/setup.log; fail 'pvescout setup'; }
until_true 'the nodes are linked' '[[ $(pvescout routes | grep -c "node pve[12].* healthy") == 2 ]]'
milliseconds=$((($(date +%s%N) - begin) / 1000000))
must "... by setup, $milliseconds ms after its start" '((milliseconds < 60000))'
must 'the secret is for the agent alone' '[[ $(stat --format "%a %U:%G" /etc/pvescout/lab.secret) == "640 root:pvescout" ]]'
must 'the agent runs as its user' '[[ $(stat --format %U /proc/$(of MainPID)) == pvescout ]]'
must 'nothing changes when it runs again' 'pvescout setup --yes --fingerprint "$(manifest "m[\"fingerprint\"]")" | grep -q "Nothing changed"'
systemctl stop pvescout
kill "$lab"
rm /etc/pvescout/*

python3 /root/peer.py upstream 9000 &
echo secret >/etc/pvescout/home.secret
chgrp pvescout /etc/pvescout/home.secret
chmod 640 /etc/pvescout/home.secret
cat >/etc/pvescout/pvescout.yml <<'Y'
providers: {files: [routes.yml]}
proxy: {http: "127.0.0.1:80", drain: 1s}
Y
cat >/etc/pvescout/routes.yml <<'Y'
talk: {host: 127.0.0.1, port: "9001:9000", scheme: tcp}
Y
before=$(bytes)
systemctl start pvescout
must 'READY: started, with a port below 1024' '[[ $(of ActiveState) == active && $(of SubState) == running ]]'
must 'answers on its socket' 'pvescout status >/dev/null && pvescout routes | grep -q talk'
must 'starts without noise of the runtime' '! journalctl --unit pvescout | grep -q "thread priority"'
must 'runs as its user' '[[ $(stat --format %U /proc/$(of MainPID)) == pvescout ]]'
must 'never writes its memory, which holds secrets, to a core file' 'grep -qE "^Max core file size +0 +0 " /proc/$(of MainPID)/limits'

systemctl reload pvescout || fail 'systemctl reload'
ok 'reloads without procps'
echo 'talk: {hots: x}' >>/etc/pvescout/pvescout.yml
systemctl reload pvescout 2>/dev/null && fail 'a reload with a broken file succeeded'
must 'a broken file fails the reload, with the reason in the journal' 'journalctl --unit pvescout | grep -q "pvescout.yml:.*talk"'
must '... and the agent goes on' '[[ $(of ActiveState) == active ]] && pvescout routes | grep -q talk'
sed -i '$d' /etc/pvescout/pvescout.yml
systemctl reload pvescout || fail 'a mended file'

# Over an upgrade: restarted once, files as they were.
pid=$(of MainPID)
install_package package
until_true 'an upgrade restarts a running agent' '[[ $(of ActiveState) == active && $(of MainPID) != $pid ]]'
must 'its files are as they were' '[[ $(bytes) == "$before" ]]'
must 'restarted once' '[[ $(of NRestarts) == 0 ]]'
install_package package
must 'a reinstallation leaves it running' '[[ $(of ActiveState) == active ]]'

# SIGTERM with streams open.
python3 /root/peer.py hold 9001 20 >/root/held &
until_true 'twenty streams are open' 'grep -q open /root/held'
begin=$(date +%s%N)
systemctl kill --signal TERM pvescout
until_true 'it stopped by itself' '[[ $(of ActiveState) == inactive ]]'
milliseconds=$((($(date +%s%N) - begin) / 1000000))
must "... with exit status 0, after $milliseconds ms" '[[ $(of Result) == success && $(of ExecMainStatus) == 0 ]]'

# What the administrator has stopped, disabled or masked stays so.
install_package previous
must 'an upgrade leaves a stopped agent stopped' '[[ $(of ActiveState) == inactive ]]'
systemctl start pvescout
systemctl --quiet disable pvescout
install_package package
must 'an upgrade leaves a disabled agent disabled' '[[ $(of UnitFileState) == disabled ]]'
systemctl stop pvescout
systemctl --quiet mask pvescout
install_package previous
must 'an upgrade leaves a masked agent masked' '[[ $(of UnitFileState) == masked && $(of ActiveState) == inactive ]]'
systemctl --quiet unmask pvescout
systemctl --quiet enable pvescout
systemctl start pvescout

# A crash, and a process that does not respond.
kill -SEGV "$(of MainPID)"
until_true 'a crashed agent is started again' '[[ $(of NRestarts) == 1 && $(of ActiveState) == active ]]'
mkdir -p /etc/systemd/system/pvescout.service.d
restart_with_watchdog() {
  printf '[Service]\nWatchdogSec=%d\n' "$1" >/etc/systemd/system/pvescout.service.d/watchdog.conf
  systemctl daemon-reload
  systemctl restart pvescout
  pid=$(of MainPID)
  last=$(of WatchdogTimestampMonotonic)
  fed=0
}
# Counts the messages to the watchdog that have come since the restart.
is_fed_thrice() {
  local now
  now=$(of WatchdogTimestampMonotonic)
  [[ $now == "$last" ]] || ((++fed))
  last=$now
  ((fed >= 3))
}
restart_with_watchdog 20
until_true 'a watchdog is fed' is_fed_thrice
must '... by the process that was started' '[[ $(of MainPID) == "$pid" && $(of NRestarts) == 0 ]]'
restart_with_watchdog 2
# 0 if the watchdog has ended it already; for kill, that is the process group of this script.
((pid > 0)) && kill -STOP "$pid"
until_true 'an agent that does not respond is started again' '(($(of NRestarts) >= 1)) && [[ $(of ActiveState) == active ]]'
rm -r /etc/systemd/system/pvescout.service.d

# A unit made by hand hides the package's: it is named.
cp /usr/lib/systemd/system/pvescout.service /etc/systemd/system/
install_package package
must 'a unit made by hand is named' 'grep -q "/etc/systemd/system/pvescout.service was made by hand" /root/dpkg.log'
rm /etc/systemd/system/pvescout.service
systemctl daemon-reload

dpkg --remove pvescout >/dev/null 2>&1 || fail 'remove'
must 'removed: stopped, state and files kept' '[[ ! -e /run/pvescout/pvescout.sock && -d /var/lib/pvescout && $(bytes) == "$before" ]]'
install_package package
must 'installed again: runs again' '[[ $(of ActiveState) == active ]]'
must 'exposure of at most 2.0' 'systemd-analyze security --no-pager --threshold=20 pvescout.service >/dev/null'
dpkg --purge pvescout >/dev/null 2>&1 || fail 'purge'
must 'purged: program and state are gone, files of the user stay' '[[ ! -e /usr/bin/pvescout && ! -e /var/lib/pvescout && $(bytes) == "$before" ]]'
rm -r /etc/pvescout
install_package package
dpkg --purge pvescout >/dev/null 2>&1 || fail 'purge'
must 'nothing is left of it' '[[ -z $(find / -xdev -name "*pvescout*" -not -path "/root/*" -not -path "/proc/*" -not -path "/sys/*" -not -path "/var/log/*" 2>/dev/null) ]]'
echo 'the package lives and goes'
