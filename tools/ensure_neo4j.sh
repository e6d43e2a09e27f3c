#!/bin/sh
# See to it that the tests find a Neo4j to run: its jars in a cache folder, fetched by Maven with this machine's settings.
# With NEO4J_URI set they use that server. Without Java or Maven they are skipped, and say so; in CI that is a failure.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's:.*<neo4j.version>\(.*\)</neo4j.version>.*:\1:p' tests/neo4j/pom.xml)
jars=${XDG_CACHE_HOME:-$HOME/.cache}/prepgraph/neo4j-$version

[ -z "${NEO4J_URI:-}" ] || exit 0
[ ! -e "$jars/complete" ] || exit 0
if ! command -v mvn >/dev/null || ! command -v javac >/dev/null; then
    echo "No Java compiler or no Maven, so the tests will not start Neo4j: install default-jdk-headless and maven." >&2
    exit 0
fi
mkdir -p "$jars"
mvn --quiet --batch-mode -f tests/neo4j/pom.xml dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$jars"
touch "$jars/complete"
