// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/internal/timeform"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/trust"
)

// AppReport is where the application notes when it last reported by itself. It is read
// for the log alone, which says when the makers get two reports.
type AppReport struct {
	// Reading finds the time: as a time, as Unix seconds, or as a text of either.
	Reading `mapstructure:",squash"`
	// Every is how often the application reports; a note older than this tells of a report that was turned off.
	Every conf.Duration `mapstructure:"every"`
	// TurnOff says how to turn off either report.
	TurnOff string `mapstructure:"turn_off"`
}

const reportsItself = "The application has reported by itself: unless that is turned off by now, its makers get two reports"

var errNoTime = errors.New("it is no time: it has to be a time, Unix seconds, or a text of either")

// Validate checks what belongs to the reading, which checks itself.
func (a *AppReport) Validate() error {
	var errs []error
	if a.Every <= 0 {
		errs = append(errs, errors.New("every: how often the application reports: write a duration such as 7d or 168h"))
	}
	if a.TurnOff == "" {
		errs = append(errs, errors.New("turn_off: the log tells how to turn off either report: write it"))
	}
	return errors.Join(errs...)
}

// reportNotice says that the makers get two reports, once for each report that the application notes.
type reportNotice struct {
	cfg    *AppReport
	logger *zap.Logger
	owner  component.ID
	// said is the application's own report that was spoken of last.
	said oncelog.Subjects[string]
}

func (n *reportNotice) say(noted result, consent trust.Consent, now time.Time) {
	at, isNoted := noted.value.(time.Time)
	if mode, _ := consent.Mode(); !isNoted || mode != trust.On {
		return
	}
	subject := "report beside " + n.owner.String()
	if now.Sub(at) >= time.Duration(n.cfg.Every) {
		_ = trust.News(consent, subject, "")
		return
	}
	if !n.said.Begins(subject, at.UTC().String()) || !trust.News(consent, subject, reportsItself+". "+n.cfg.TurnOff) {
		return
	}
	n.logger.Warn(reportsItself,
		zap.String("turn_off", n.cfg.TurnOff))
}

// moment makes a time of the note; nothing stays nothing.
func moment(value source.Value) (source.Value, error) {
	if at, is := timeform.Read(value); is {
		return at, nil
	}
	if timeform.IsNothing(value) {
		return nil, nil
	}
	return nil, errNoTime
}
