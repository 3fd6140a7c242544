#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     OTEL_RESOURCE_ATTRIBUTES='service.version=2.7%2B1' is the version 2.7+1 to every SDK: a comma or an equals sign
#            can stand in it in no other way.
# Version:   opentelemetry-sdk 1.45.2 (Python), @opentelemetry/resources 3.1.1 (Node.js), Java SDK 1.68.0, opentelemetry_sdk
#            0.33.1 (Rust).
# Seen:      Python, Node.js and Java decode it. Rust reports 2.7%2B1.
# For us:    of two parts of one application, in two languages, the makers see two versions, and a rule `allow: [2.7+1]` has
#            "other" for one of them. {version: minor} gives 2.7 for both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opentelemetry-sdk==1.45.2
npm install --silent --no-fund --no-audit @opentelemetry/api@1.10.0 @opentelemetry/resources@3.1.1 >/dev/null
cat >version.mjs <<'NODE'
import { detectResources, envDetector } from '@opentelemetry/resources';
console.log(detectResources({ detectors: [envDetector] }).attributes['service.version']);
NODE
cat >pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>version</groupId><artifactId>version</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>io.opentelemetry</groupId><artifactId>opentelemetry-sdk-extension-autoconfigure</artifactId><version>1.68.0</version>
  </dependency></dependencies>
</project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null 2>&1
cat >Version.java <<'JAVA'
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.autoconfigure.ResourceConfiguration;
public class Version {
  public static void main(String[] args) {
    System.out.println(ResourceConfiguration.createEnvironmentResource().getAttribute(AttributeKey.stringKey("service.version")));
  }
}
JAVA
mkdir -p rust/src
cat >rust/Cargo.toml <<'TOML'
[package]
name = "version"
version = "1.0.0"
edition = "2021"
[dependencies]
opentelemetry_sdk = "=0.33.1"
TOML
cat >rust/src/main.rs <<'RUST'
fn main() {
    println!("{}", opentelemetry_sdk::Resource::builder().build().get(&"service.version".into()).unwrap());
}
RUST
export OTEL_RESOURCE_ATTRIBUTES='service.version=2.7%2B1'
python=$(venv/bin/python -c 'from opentelemetry.sdk.resources import Resource; print(Resource.create().attributes["service.version"])')
node=$(node version.mjs)
java=$(java -cp 'jars/*' Version.java)
rust=$(cargo run --quiet --manifest-path rust/Cargo.toml)
echo "Python: $python, Node.js: $node, Java: $java, Rust: $rust"
[ "$python" = "2.7+1" ]
[ "$node" = "2.7+1" ]
[ "$java" = "2.7+1" ]
[ "$rust" = "2.7%2B1" ]
