// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestChecksInMySQLsWords, as its SHOW CREATE TABLE has them.
func TestChecksInMySQLsWords(t *testing.T) {
	const create = "CREATE TABLE `check` (\n  `state` varchar(20) DEFAULT 'CHECK (1)' COMMENT 'it\\'s CHECK (2)',\n" +
		"  CONSTRAINT `t_chk_1` CHECK ((`state` in (_utf8mb4'new',_utf8mb4'it\\'s )'))),\n" +
		"  CONSTRAINT `t_chk_2` CHECK ((`state` <> _utf8mb4'x')) /*!80016 NOT ENFORCED */,\n" +
		"  CONSTRAINT `t_chk_3` CHECK ((length(`state`) < 9))\n) ENGINE=InnoDB"
	var found []string
	for _, one := range checksIn(create, mariadbToken, nil) {
		found = append(found, one.expression)
	}
	assert.Equal(t, []string{"(`state` in (_utf8mb4'new',_utf8mb4'it\\'s )'))", "(length(`state`) < 9)"}, found)
}
