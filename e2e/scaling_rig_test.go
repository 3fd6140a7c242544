// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/internal/python"
)

// several are the makers' processes of docs/deploying/scaling, each of which can be killed and started anew.
type several struct {
	t        *testing.T
	env      environment
	commands map[string][]string
	running  map[string]*distribution
	// where they listen
	collect, prometheus, clickhouse, broker string
}

// newSeveral installs Kafka and ClickHouse's engine, and starts all.
func newSeveral(t *testing.T) *several {
	t.Helper()
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: Kafka and ClickHouse's engine take minutes; HEADCOUNT_PROVE=1 does it")
	}
	debian.HasProgram(t, "java")
	debian.HasProgram(t, "mvn")
	jars := filepath.Join(root, "_build", "kafka-4.4.0")
	if _, err := os.Stat(jars); err != nil {
		mvn := exec.Command("mvn", "-q", "-B", "-f", "testdata/kafka.xml", "dependency:copy-dependencies", "-DoutputDirectory="+jars)
		if out, err := mvn.CombinedOutput(); err != nil {
			debian.Lacks(t, "Kafka cannot be had from Maven Central: %v\n%s", err, out)
		}
	}
	engine := python.Python(t, root, "chdb", []string{"chdb==4.4.0"})

	folder := t.TempDir()
	s := &several{t: t, running: map[string]*distribution{}, collect: porttest.Address(t), prometheus: porttest.Address(t), clickhouse: porttest.Address(t), broker: porttest.Address(t)}
	properties := filepath.Join(folder, "server.properties")
	require.NoError(t, os.WriteFile(properties, []byte(fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.voters=1@%[2]s
listeners=PLAINTEXT://%[1]s,CONTROLLER://%[2]s
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=%[3]s
num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
`, s.broker, porttest.Address(t), filepath.Join(folder, "kafka"))), 0o600))
	java := []string{"java", "-Xmx512m", "-cp", jars + "/*"}
	out, err := exec.Command(java[0], append(java[1:], "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c", properties)...).CombinedOutput()
	require.NoError(t, err, "%s", out)

	_, port, err := net.SplitHostPort(s.clickhouse)
	require.NoError(t, err)
	script, err := filepath.Abs("testdata/clickhouse.py")
	require.NoError(t, err)
	s.env = environment{
		"TZ": "UTC", "KAFKA_BROKER": s.broker, "CLICKHOUSE_ENDPOINT": "http://" + s.clickhouse, "CLICKHOUSE_PASSWORD": "x",
		"HEADCOUNT_STATE_DIR": folder, "HEADCOUNT_COLLECT_ENDPOINT": s.collect, "HEADCOUNT_PROMETHEUS_ENDPOINT": s.prometheus,
	}
	collector := func(name string, sets ...string) []string {
		command := []string{makersProgram(), "--config", "file:" + filepath.Join(scaling, name)}
		for _, set := range sets {
			command = append(command, "--set", set)
		}
		return command
	}
	s.commands = map[string][]string{
		"kafka":      append(java, "kafka.Kafka", properties),
		"clickhouse": {engine, script, port, filepath.Join(folder, "clickhouse"), filepath.Join(scaling, "schema.sql")},
		"receive":    collector("receive.yaml", "receivers::collect::rate_limit::total::requests=100000000", "extensions::file_storage::directory="+filepath.Join(folder, "receive")),
		"fleet":      collector("fleet.yaml", "connectors::fleet::interval=1s", "connectors::fleet::refresh=1s"),
		"store":      collector("store.yaml", "exporters::clickhouse::compress=none"),
	}
	for _, name := range []string{"kafka", "clickhouse", "receive", "fleet", "store"} {
		s.start(name)
	}
	s.listens(s.broker)
	s.listens(s.clickhouse)
	s.listens(s.collect)
	return s
}

func (s *several) start(name string) { s.running[name] = startCommand(s.t, s.env, s.commands[name]...) }

// kill ends a process as a power failure does.
func (s *several) kill(name string) {
	_ = s.running[name].signal(syscall.SIGKILL)
	<-s.running[name].done
}

func (s *several) listens(address string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, 2*time.Minute, 100*time.Millisecond, address)
}

// ask returns ClickHouse's rows.
func (s *several) ask(sql string) (rows []map[string]any) {
	s.t.Helper()
	response, err := http.Post("http://"+s.clickhouse+"/?"+url.Values{"default_format": {"JSON"}}.Encode(), "text/plain", strings.NewReader(sql))
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	var answer struct {
		Data []map[string]any `json:"data"`
	}
	require.NoError(s.t, json.Unmarshal(text, &answer), "%s\n%s", sql, text)
	return answer.Data
}

// figure returns the rows of a query of figures.sql, by the name in its comment.
func (s *several) figure(name string) []map[string]any {
	s.t.Helper()
	for _, query := range strings.Split(readDeploying(s.t, "scaling/figures.sql"), ";\n") {
		if strings.Contains(query, "\n-- "+name+":") {
			return s.ask(query)
		}
	}
	require.Fail(s.t, "figures.sql has no "+name)
	return nil
}
