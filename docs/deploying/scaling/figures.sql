-- Every figure that the fleet connector tells, as SQL over the reports. Nothing is told of fewer than
-- {least} installations: 10 here, as min_installations of fleet.yaml. Of random answers those are taken whose
-- report has the tag of the same rule, or has no tags; and where the interval says nothing (it holds all that is
-- possible or, cut to an end, has no width), nothing is told. These are for the makers, who have the
-- reports: a sum that is nearly one installation's is told, and no clamp bounds a number.

-- installations: how many there are, and how many of them came back
SELECT uniqExact(Installation) AS installations, countIf(Last - First >= 3600) AS returning
FROM (SELECT Installation, min(toUnixTimestamp(TimeUnix)) AS First, max(toUnixTimestamp(TimeUnix)) AS Last
      FROM usage.said GROUP BY Installation)
HAVING installations >= 10;

-- sums: sum and mean of a number
SELECT MetricName, count() AS installations, sum(Value) AS total, avg(Value) AS mean
FROM usage.numbers WHERE MetricName IN ('shop.orders')
GROUP BY MetricName HAVING installations >= 10;

-- ranges: installations by their number; [1, 11) is the range up to 10
SELECT MetricName, multiIf(Value <= 0, '0', Value <= 10, '10', Value <= 100, '100', Value <= 1000, '1000', '+Inf') AS upper, count() AS installations
FROM usage.numbers WHERE MetricName = 'shop.orders'
GROUP BY MetricName, upper HAVING installations >= 10;

-- groups: sum and mean by group
SELECT MetricName, Attributes['plan'] AS plan, count() AS installations, sum(Value) AS total, avg(Value) AS mean
FROM usage.numbers WHERE MetricName = 'shop.users'
GROUP BY MetricName, plan HAVING installations >= 10;

-- histogram: the installations' counts by upper end, added up, of those with the bounds that most have
WITH (SELECT Bounds FROM usage.distributions WHERE MetricName = 'shop.sizes' GROUP BY Bounds ORDER BY count() DESC, Bounds LIMIT 1) AS common
SELECT MetricName, upper, countIf(counted > 0) AS installations, sum(counted) AS total
FROM usage.distributions ARRAY JOIN arrayConcat(arrayMap(bound -> toString(bound), Bounds), ['+Inf']) AS upper, Counts AS counted
WHERE MetricName = 'shop.sizes' AND Bounds = common
GROUP BY MetricName, upper HAVING installations >= 10;

-- values: installations by value
SELECT Text AS version, count() AS installations
FROM usage.texts WHERE Name = 'service.version' AND Text != '' -- which null is
GROUP BY version HAVING installations >= 10
ORDER BY installations DESC LIMIT 20;

-- one_bit: the mean behind random bits (max 1000, zero 0.25, flip 0.1: a 1 comes with 0.3 for 0, with 0.7 for max)
WITH 1000 AS most, 0.3 AS low, 0.7 AS high,
     arrayStringConcat(arrayMap(rule -> translate(left(base64Encode(SHA256(rule)), 4), '+/', '-_'), ['metric shop.seats', 'metric shop.seats one_bit 1000 1/4 1/10'])) AS tag
SELECT count() AS n, countIf(Value = 1) AS ones,
       least(most, greatest(0, most * (ones / n - low) / (high - low))) AS mean,
       least(most, greatest(0, most * (lower - low) / (high - low))) AS mean_low,
       least(most, greatest(0, most * (upper - low) / (high - low))) AS mean_high,
       -- Clopper's and Pearson's interval of the rate, by halving: the binomial distribution's tail is 2.5 %
       if(ones = 0, 0., arrayFold((at, step) -> if(arraySum(k -> exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(at + step) + (n - k) * log1p(-(at + step))), range(toUInt64(ones), toUInt64(n + 1))) <= 0.025, at + step, at), arrayMap(i -> pow(0.5, i), range(1, 50)), toFloat64(0))) AS lower,
       if(ones = n, 1., arrayFold((at, step) -> if(arraySum(k -> exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(at + step) + (n - k) * log1p(-(at + step))), range(toUInt64(0), toUInt64(ones + 1))) > 0.025, at + step, at), arrayMap(i -> pow(0.5, i), range(1, 50)), toFloat64(0))) AS upper
FROM usage.numbers WHERE MetricName = 'shop.seats' AND (Rules = '' OR position(Rules, tag) > 0)
HAVING n >= 10 AND mean_low < mean_high AND (mean_low > 0 OR mean_high < most);

-- randomized_response: the share that truly says yes (f 0.5, p 0.5, q 0.75: yes comes with 0.5625 of no, with 0.6875 of yes)
WITH 0.5625 AS low, 0.6875 AS high,
     arrayStringConcat(arrayMap(rule -> translate(left(base64Encode(SHA256(rule)), 4), '+/', '-_'), ['resource shop.beta', 'resource shop.beta randomized_response 1/2 1/2 3/4'])) AS tag
SELECT count() AS n, countIf(Text = 'true') AS ones,
       least(1, greatest(0, (ones / n - low) / (high - low))) AS share,
       least(1, greatest(0, (lower - low) / (high - low))) AS share_low,
       least(1, greatest(0, (upper - low) / (high - low))) AS share_high,
       if(ones = 0, 0., arrayFold((at, step) -> if(arraySum(k -> exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(at + step) + (n - k) * log1p(-(at + step))), range(toUInt64(ones), toUInt64(n + 1))) <= 0.025, at + step, at), arrayMap(i -> pow(0.5, i), range(1, 50)), toFloat64(0))) AS lower,
       if(ones = n, 1., arrayFold((at, step) -> if(arraySum(k -> exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(at + step) + (n - k) * log1p(-(at + step))), range(toUInt64(0), toUInt64(ones + 1))) > 0.025, at + step, at), arrayMap(i -> pow(0.5, i), range(1, 50)), toFloat64(0))) AS upper
FROM usage.texts WHERE Name = 'shop.beta' AND Text != '' AND (Rules = '' OR position(Rules, tag) > 0)
HAVING n >= 10 AND share_low < share_high AND (share_low > 0 OR share_high < 1);

-- Of groups, either estimate is told with Attributes['plan'] AS plan in its SELECT, and GROUP BY plan. Of a
-- randomized_response with values, ones are countIf(has(splitByChar(',', Text), 'some')) for each of them, in which '' is an
-- answer too (none is selected; null is '' as well, so that shares come out too low where it may come), and the rule
-- ends with its values in alphabetical order: randomized_response 1/2 1/2 3/4 all,no,some.
