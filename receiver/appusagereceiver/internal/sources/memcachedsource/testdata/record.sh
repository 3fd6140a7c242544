#!/bin/sh
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0

# Records in golden.json what eight client libraries write. It needs memcached, npm, Maven, and Debian's php-cli, php-memcached,
# ruby, ruby-dalli, libspymemcached-java and a JDK.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
memcached -u nobody -l 127.0.0.1 -p 21211 & server=$!
trap 'kill $server; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pymemcache==4.0.0 pylibmc==1.6.3 python-memcached==1.62
"$folder/venv/bin/python" write.py 21211
php write.php 21211
ruby write.rb 21211
for library in com.googlecode.xmemcached:xmemcached:2.4.8 org.slf4j:slf4j-api:1.7.36; do
  mvn -q dependency:copy -Dartifact="$library" -DoutputDirectory="$folder"
done
java -cp "$folder/*:/usr/share/java/*" Write.java 21211
npm install --silent --no-audit --no-fund --prefix "$folder" memcached@2.2.2
NODE_PATH="$folder/node_modules" node write.js 21211
python3 dump.py 21211 >golden.json
