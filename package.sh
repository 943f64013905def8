#!/usr/bin/env bash
# Build dist/package_abuse-<version>.tgz, and inspect it with all checks of Splunk AppInspect.
#
#   ./package.sh                build and inspect; succeeds only if the inspection finds nothing unexpected
#   ./package.sh --no-inspect   only build
#
# The same files give the same archive, whoever builds it and wherever: its times are SOURCE_DATE_EPOCH, or else the time of
# the last commit, or else a fixed one.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf 'package.sh: %s\n' "$1" >&2; }
die() { say "$1"; exit 1; }

inspect=true
case "$*" in
  '') ;;
  --no-inspect) inspect=false ;;
  *) printf 'usage: ./package.sh [--no-inspect]\n' >&2; exit 2 ;;
esac

tar=$(command -v gtar || command -v tar || true)
[[ -n $tar && $("$tar" --version 2>&1) == *'GNU tar'* ]] || die 'GNU tar is needed (macOS: brew install gnu-tar)'

of_stanza_id() { sed -n '/^\[id\]/,/^\[/s/^'"$1"' *= *//p' default/app.conf; }
app=$(of_stanza_id name)
version=$(of_stanza_id version)
[[ $app =~ ^[a-z][a-z0-9_]*$ ]] || die "default/app.conf: stanza [id] has no usable name: '$app'"
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
  die "default/app.conf: the version in stanza [id] is not like 1.2.3 or 1.2.3-rc.1: '$version'"

# What ships. Anything else in these folders is refused, so that no stray file is published by accident; only what Python,
# Splunk, editors and file managers leave behind in a checkout is passed over.
folders=(bin default lookups metadata static)
files=(app.manifest LICENSE NOTICE README.md)
allowed='^(app\.manifest|LICENSE|NOTICE|README\.md'
allowed+='|README/[a-z_-]+\.conf\.spec'
allowed+='|bin/([a-z0-9_]+/)*[a-z0-9_]+\.py'
allowed+='|default/[a-z_-]+\.conf|default/data/ui/(nav|views)/[a-z0-9_]+\.xml'
allowed+='|lookups/[a-z0-9_]+\.csv(\.default)?'
allowed+='|metadata/default\.meta'
allowed+='|static/[A-Za-z0-9_]+\.png)$'

for path in "${folders[@]}" "${files[@]}"; do
  [[ -e $path ]] || die "$path is missing"
done
[[ -e README ]] && folders+=(README)
candidates=$(find "${folders[@]}" "${files[@]}" \
  \( -path bin/lib -o -name __pycache__ -o -name '.*' -o -name local.meta -o -name '*.csv.tmp' -o -name '*_site.csv' \) -prune \
  -o ! -type d ! -name '*.pyc' -print)

scratch=$(mktemp -d "${TMPDIR:-/tmp}/$app.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
stage=$scratch/$app
refused=()
while IFS= read -r path; do
  if [[ -L $path ]]; then
    refused+=("$path: a symbolic link")
  elif [[ ! $path =~ $allowed ]]; then
    refused+=("$path: not a file that ships")
  else
    mkdir -p "$stage/$(dirname "$path")"
    cp "$path" "$stage/$path"
  fi
done <<<"$candidates"
if ((${#refused[@]})); then
  printf 'package.sh: %s\n' "${refused[@]}" >&2
  die 'remove these files, or allow them in package.sh'
fi
if [[ -n $(git status --porcelain -- "${folders[@]}" "${files[@]}" 2>/dev/null) ]]; then
  say 'note: the archive holds changes that are not committed'
fi
python3 -m searchhead.provision vendor "$stage/bin/lib"
find "$stage" -type d -exec chmod 0755 {} +
find "$stage" -type f -exec chmod 0644 {} +

epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || printf 1577836800)}
archive=dist/$app-$version.tgz
mkdir -p dist
"$tar" --create --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" \
  --directory "$scratch" "$app" | gzip -9n >"$archive.$$"
mv "$archive.$$" "$archive"
printf '%s\n' "$archive"
printf 'sha256 %s\n' "$( (sha256sum "$archive" 2>/dev/null || shasum -a 256 "$archive") | cut -d ' ' -f 1)"

$inspect || exit 0
python=$(python3 -m searchhead.provision python appinspect)
# AppInspect's exit status does not tell an unavoidable warning from others; the gate reads its report.
"$python" -m splunk_appinspect.main inspect "$archive" --mode precert --skip-trusted-libraries-update --max-messages all \
  --data-format json --output-file "$scratch/report.json" >"$scratch/log" 2>&1 || true
[[ -s $scratch/report.json ]] || { tail -n 20 "$scratch/log" >&2; die "AppInspect did not finish on $archive"; }
"$python" tests/appinspect_gate.py "$scratch/report.json" tests/appinspect_expected.toml
