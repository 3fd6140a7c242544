#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess: a record that a share group's consumer gives back (its store is away) comes again for as long as it is
# given back, as it does in a consumer group that does not commit.
# Seen (Apache Kafka 4.4.0, one KRaft broker, its defaults): it comes five times. After the fifth the share group counts it
# as done: no error, no log line at the consumer, and the record still lies in the topic, where a plain consumer
# reads it. The five tries take as long as five polls do.
# For our users: whoever reads Kafka's reports by a share group, because it needs no partitions, loses what comes
# while the store is away for longer than five tries. docs/deploying/scaling reads by consumer groups; with a share
# group, raise group.share.delivery.count.limit, and do not poll while the store is away.
set -euo pipefail
folder=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || kill "$broker" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"

cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.4.0</version></dependency></dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$folder/jars"

cat >server.properties <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:19393
listeners=PLAINTEXT://127.0.0.1:19392,CONTROLLER://127.0.0.1:19393
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$folder/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
PROPERTIES

cat >Shared.java <<'JAVA'
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

public class Shared {
  public static void main(String[] args) throws Exception {
    Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", args[0], "group.id", "store"));
    String text = StringDeserializer.class.getName();
    all.putAll(Map.of("key.deserializer", text, "value.deserializer", text,
        "key.serializer", StringSerializer.class.getName(), "value.serializer", StringSerializer.class.getName()));
    try (Admin admin = Admin.create(all)) {
      admin.createTopics(List.of(new NewTopic("reports", 1, (short) 1))).all().get();
      var earliest = new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, "store"), List.of(earliest))).all().get();
    }
    try (var producer = new KafkaProducer<String, String>(all)) {
      for (int i = 1; i <= 3; i++) producer.send(new ProducerRecord<>("reports", "report " + i)).get();
    }
    Map<String, Integer> deliveries = new TreeMap<>();
    all.put("share.acknowledgement.mode", "explicit");
    try (var consumer = new KafkaShareConsumer<String, String>(all)) {
      consumer.subscribe(List.of("reports"));
      int quiet = 0;
      for (long end = System.currentTimeMillis() + 180_000; System.currentTimeMillis() < end && quiet < 15; ) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofSeconds(1));
        if (!deliveries.isEmpty()) quiet = records.isEmpty() ? quiet + 1 : 0;
        for (var record : records) {
          deliveries.merge(record.value(), 1, Integer::sum);
          consumer.acknowledge(record, AcknowledgeType.RELEASE); // the store is away: another time
        }
      }
      System.out.println("given back each time, delivered " + deliveries);
    }
    all.remove("share.acknowledgement.mode");
    try (var plain = new KafkaConsumer<String, String>(all)) {
      var partition = new TopicPartition("reports", 0);
      plain.assign(List.of(partition));
      plain.seekToBeginning(List.of(partition));
      int still = 0;
      for (int i = 0; i < 20 && still < 3; i++) still += plain.poll(Duration.ofSeconds(1)).count();
      System.out.println("still in the topic: " + still);
      if (still != 3 || deliveries.size() != 3 || deliveries.values().stream().anyMatch(n -> n != 5)) System.exit(1);
    }
  }
}
JAVA

java -cp "jars/*" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAA -c server.properties >/dev/null
java -Xmx512m -cp "jars/*" kafka.Kafka server.properties >broker.log 2>&1 &
broker=$!
for _ in $(seq 120); do
  (exec 3<>/dev/tcp/127.0.0.1/19392) 2>/dev/null && break
  sleep 1
done
java -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "jars/*" Shared.java 127.0.0.1:19392
