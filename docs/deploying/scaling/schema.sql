-- The reports as store.yaml writes them. Run it once, before the first report. The table is keyed by
-- installation, metric, group and time, and keeps one row of each: what Kafka brings twice counts once.
-- (The exporter's own table has no installation in its key: with this engine it would join installations.)
CREATE DATABASE IF NOT EXISTS usage;

CREATE TABLE IF NOT EXISTS usage.reports (
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    ResourceSchemaUrl String CODEC(ZSTD(3)),
    ScopeName String CODEC(ZSTD(3)),
    ScopeVersion String CODEC(ZSTD(3)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(3)),
    ScopeSchemaUrl String CODEC(ZSTD(3)),
    ServiceName LowCardinality(String) CODEC(ZSTD(3)),
    MetricName LowCardinality(String) CODEC(ZSTD(3)),
    MetricDescription String CODEC(ZSTD(3)),
    MetricUnit String CODEC(ZSTD(3)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    StartTimeUnix DateTime64(3) CODEC(Delta, ZSTD(3)),
    TimeUnix DateTime64(3) CODEC(Delta, ZSTD(3)),
    Value Float64 CODEC(ZSTD(3)),
    Flags UInt32 CODEC(ZSTD(3)),
    Exemplars Nested (
        FilteredAttributes Map(LowCardinality(String), String),
        TimeUnix DateTime,
        Value Float64,
        SpanId String,
        TraceId String
    ) CODEC(ZSTD(3)),
    Installation String MATERIALIZED ResourceAttributes['service.instance.id'],
    WrittenAt DateTime64(6) MATERIALIZED now64(6)
) ENGINE = ReplacingMergeTree(WrittenAt)
ORDER BY (Installation, MetricName, cityHash64(Attributes), TimeUnix) -- no partitions: an insert may hold 100 at most,
TTL toDateTime(TimeUnix) + INTERVAL 180 DAY;                          -- and a report's time is whatever a clock says

-- What each installation said last of each metric, as a whole: a report replaces all groups of the one before.
-- The window is the fleet's: twice the interval of the stat. Rules are those of the report's random answers.
CREATE OR REPLACE VIEW usage.numbers AS
SELECT Installation, MetricName, Groups.1 AS Attributes, Groups.2 AS Value, Groups.4 AS Rules
FROM (
    SELECT Installation, MetricName, argMax(Said, TimeUnix) AS Latest
    FROM (
        SELECT Installation, MetricName, TimeUnix, groupArray((Attributes, Value, Flags, ScopeAttributes['headcount.rules'])) AS Said
        FROM usage.reports FINAL
        WHERE TimeUnix >= now() - INTERVAL 336 HOUR
        GROUP BY Installation, MetricName, TimeUnix
    )
    GROUP BY Installation, MetricName
)
ARRAY JOIN Latest AS Groups
WHERE bitAnd(Groups.3, 1) = 0;

-- What each installation said last of each resource attribute.
CREATE OR REPLACE VIEW usage.texts AS
SELECT Installation, Name, argMax(Text, TimeUnix) AS Text, argMax(ScopeAttributes['headcount.rules'], TimeUnix) AS Rules
FROM usage.reports FINAL
ARRAY JOIN mapKeys(ResourceAttributes) AS Name, mapValues(ResourceAttributes) AS Text
WHERE TimeUnix >= now() - INTERVAL 336 HOUR AND Name != 'service.instance.id'
GROUP BY Installation, Name;
