// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oncelog

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestWhatLastsIsLoggedOnce(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	log := Log{Logger: zap.New(core)}
	note := func(err error) { log.Note(err != nil, "It fails", "It works again", zap.Error(err)) }
	note(nil)
	for _, reason := range []string{"first", "second"} {
		note(errors.New(reason))
	}
	note(nil)
	note(nil)
	note(errors.New("third"))
	var said []string
	for _, line := range logs.TakeAll() {
		reason, _ := line.ContextMap()["error"].(string)
		said = append(said, line.Level.String()+" "+line.Message+" "+reason)
	}
	assert.Equal(t, []string{"warn It fails first", "info It works again ", "warn It fails third"}, said)

	log.Warn("a", "A is full")
	log.Warn("a", "A is full")
	log.Warn("b", "B is full")
	log.Ends("a")
	log.Warn("a", "A is full")
	assert.Equal(t, 3, logs.Len())
}
