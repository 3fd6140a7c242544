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

-- The same of histograms: any sender may write counts by upper end in a number's place, and what has no table would
-- be tried for ever, and all that comes after it would wait.
CREATE TABLE IF NOT EXISTS usage.histograms (
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
    Count UInt64 CODEC(Delta, ZSTD(3)),
    Sum Float64 CODEC(ZSTD(3)),
    BucketCounts Array(UInt64) CODEC(ZSTD(3)),
    ExplicitBounds Array(Float64) CODEC(ZSTD(3)),
    Exemplars Nested (
        FilteredAttributes Map(LowCardinality(String), String),
        TimeUnix DateTime,
        Value Float64,
        SpanId String,
        TraceId String
    ) CODEC(ZSTD(3)),
    Flags UInt32 CODEC(ZSTD(3)),
    Min Float64 CODEC(ZSTD(3)),
    Max Float64 CODEC(ZSTD(3)),
    AggregationTemporality Int32 CODEC(ZSTD(3)),
    Installation String MATERIALIZED ResourceAttributes['service.instance.id'],
    WrittenAt DateTime64(6) MATERIALIZED now64(6)
) ENGINE = ReplacingMergeTree(WrittenAt)
ORDER BY (Installation, MetricName, TimeUnix)
TTL toDateTime(TimeUnix) + INTERVAL 180 DAY;

-- What was said within the window, by whom and when, whatever it was: what each installation said last decides. The
-- window is the fleet's: twice the interval of the stat. What is dated further ahead would be the last for ever.
CREATE OR REPLACE VIEW usage.said AS
SELECT Installation, MetricName, TimeUnix, ResourceAttributes, Attributes, ScopeAttributes['headcount.rules'] AS Rules, Value, Flags, [] AS Bounds, [] AS Counts
FROM usage.reports FINAL WHERE TimeUnix BETWEEN now() - INTERVAL 336 HOUR AND now() + INTERVAL 336 HOUR
UNION ALL
SELECT Installation, MetricName, TimeUnix, ResourceAttributes, Attributes, ScopeAttributes['headcount.rules'] AS Rules, 0 AS Value, Flags, ExplicitBounds AS Bounds, BucketCounts AS Counts
FROM usage.histograms FINAL WHERE TimeUnix BETWEEN now() - INTERVAL 336 HOUR AND now() + INTERVAL 336 HOUR;

-- What each installation said last of each number, as a whole: a report replaces all groups of the one before.
-- Rules are those of the report's random answers.
CREATE OR REPLACE VIEW usage.numbers AS
SELECT Installation, MetricName, Groups.1 AS Attributes, Groups.2 AS Value, Groups.4 AS Rules
FROM (
    SELECT Installation, MetricName, argMax(Said, TimeUnix) AS Latest
    FROM (
        SELECT Installation, MetricName, TimeUnix, groupArray((Attributes, Value, Flags, Rules)) AS Said
        FROM usage.said WHERE empty(Counts) AND abs(Value) <= 9007199254740992 -- no count reaches more
        GROUP BY Installation, MetricName, TimeUnix
    )
    GROUP BY Installation, MetricName
)
ARRAY JOIN Latest AS Groups
WHERE bitAnd(Groups.3, 1) = 0;

-- What each installation said last of each histogram; null takes it back.
CREATE OR REPLACE VIEW usage.distributions AS
SELECT Installation, MetricName, Latest.1 AS Bounds, Latest.2 AS Counts
FROM (
    SELECT Installation, MetricName, argMax((Bounds, Counts), TimeUnix) AS Latest
    FROM usage.said WHERE notEmpty(Counts) AND arrayMax(Counts) <= 4294967296 OR bitAnd(Flags, 1) = 1
    GROUP BY Installation, MetricName
)
WHERE notEmpty(Latest.2);

-- What each installation said last of each resource attribute.
CREATE OR REPLACE VIEW usage.texts AS
SELECT Installation, Name, argMax(Text, TimeUnix) AS Text, argMax(Rules, TimeUnix) AS Rules
FROM usage.said
ARRAY JOIN mapKeys(ResourceAttributes) AS Name, mapValues(ResourceAttributes) AS Text
WHERE Name != 'service.instance.id'
GROUP BY Installation, Name;
