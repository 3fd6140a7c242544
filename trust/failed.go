// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

// FailedReadings is the resource attribute in which a receiver lists the names
// of the resource attributes and metrics whose reading failed: such an attribute is
// unknown, where one that was read and found nothing is present and empty (null in a
// stat), and no default stands for such a metric. The anonymizer adds the metrics of
// which it let no point through, because they are malformed.
// A stat that needs an unknown attribute is incomplete. The anonymizer lets
// through only names that its own rules name.
const FailedReadings = "headcount.failed_readings"
