# For the scripts that try the package in a Debian of its own; to be sourced from the package's folder, as root.

fail() {
  printf '%s: %s\n' "$0" "$1" >&2
  exit 1
}

# Makes a minimal Debian with more packages, once: SUITE FILE PACKAGE,PACKAGE…
# Debian's packages come from this machine's mirror.
make_debian() {
  local suite=$1 image=$2 packages=$3 mirror
  [[ ! -s $image ]] || return 0
  # The first mirror in use, from either format of sources.
  mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -1)
  [[ -n $mirror ]] || mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' /etc/apt/sources.list | head -1)
  [[ -n $mirror ]] || fail 'no Debian mirror is configured on this machine'
  printf 'making a bare Debian (%s)\n' "$suite"
  mmdebstrap --quiet --format=tar --variant=minbase --include="$packages" "$suite" "$image.part" "$mirror"
  mv "$image.part" "$image"
}
