#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a counter that a program calls orders has one name and one type at its endpoint, in whichever format the reader
#            asks for it: the library decides about `_total` once.
# Version:   prometheus_client 0.26.0 (Python), prometheus-metrics 1.10.0 (Java), prom-client 15.1.3 (Node.js),
#            client_golang 1.23.2 (Go).
# Seen:      Python and Java say the counter orders_total in both formats. Node.js says orders in Prometheus' text format and
#            orders_total in OpenMetrics. Go says orders in both, a counter in the text format and of type `unknown` in
#            OpenMetrics, where a counter has to end with _total.
# For us:    Prometheus asks for OpenMetrics first, curl for nothing: a name that was looked up in the one is not found in the
#            other, and what is a counter to one reader has no type for another. The receiver finds a counter under both
#            names. End a counter's name with _total in the application, and all agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check prometheus-client==0.26.0
cat >orders.py <<'PYTHON'
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
import sys
registry = CollectorRegistry()
Counter("orders", "of the shop", registry=registry).inc(7)
print((generate_latest if sys.argv[1] == "text" else openmetrics.generate_latest)(registry).decode())
PYTHON

npm install --silent --no-fund --no-audit prom-client@15.1.3 >/dev/null
cat >orders.mjs <<'NODE'
import prom from 'prom-client';
const registry = new prom.Registry(process.argv[2] === 'text' ? prom.Registry.PROMETHEUS_CONTENT_TYPE : prom.Registry.OPENMETRICS_CONTENT_TYPE);
new prom.Counter({ name: 'orders', help: 'of the shop', registers: [registry] }).inc(7);
console.log(await registry.metrics());
NODE

cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId><artifactId>orders</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.prometheus</groupId><artifactId>prometheus-metrics-core</artifactId><version>1.10.0</version></dependency>
    <dependency><groupId>io.prometheus</groupId><artifactId>prometheus-metrics-exposition-textformats</artifactId><version>1.10.0</version></dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$folder/jars" >/dev/null
cat >Orders.java <<'JAVA'
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.expositionformats.*;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

public class Orders {
  public static void main(String[] args) throws Exception {
    var registry = new PrometheusRegistry();
    Counter.builder().name("orders").help("of the shop").register(registry).inc(7);
    ExpositionFormatWriter writer = args[0].equals("text") ? PrometheusTextFormatWriter.create() : OpenMetricsTextFormatWriter.create();
    writer.write(System.out, registry.scrape());
  }
}
JAVA

mkdir go
cat >go/main.go <<'GO'
package main

import (
	"fmt"
	"net/http/httptest"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	registry := prometheus.NewRegistry()
	orders := prometheus.NewCounter(prometheus.CounterOpts{Name: "orders", Help: "of the shop"})
	orders.Add(7)
	registry.MustRegister(orders)
	request := httptest.NewRequest("GET", "/metrics", nil)
	if os.Args[1] == "openmetrics" {
		request.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	}
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(answer, request)
	fmt.Println(answer.Body)
}
GO
cat >go/go.mod <<'MOD'
module example.com/orders

go 1.25.0

require github.com/prometheus/client_golang v1.23.2
MOD

# said PROGRAM... FORMAT is the type and the sample's name that the program says.
said() { "$@" | awk '$1 == "#" && $2 == "TYPE" && $3 ~ /^orders(_total)?$/ { type = $4 } /^orders(_total)? / { name = $1 } END { print type, name }'; }
(cd go && GOFLAGS=-mod=mod go build -o ../orders .)
python="$(said venv/bin/python orders.py text), $(said venv/bin/python orders.py openmetrics)"
java="$(said java -cp 'jars/*' Orders.java text), $(said java -cp 'jars/*' Orders.java openmetrics)"
node="$(said node orders.mjs text), $(said node orders.mjs openmetrics)"
go="$(said ./orders text), $(said ./orders openmetrics)"
echo "text, and OpenMetrics: Python: $python; Java: $java; Node.js: $node; Go: $go"
[ "$python" = "counter orders_total, counter orders_total" ]
[ "$java" = "counter orders_total, counter orders_total" ]
[ "$node" = "counter orders, counter orders_total" ]
[ "$go" = "counter orders, unknown orders" ]
