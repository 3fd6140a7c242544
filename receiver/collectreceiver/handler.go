// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"bytes"
	"context"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/collect/signature"
	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
)

// handler answers requests. It never looks at the client's address.
type handler struct {
	config     *Config
	next       consumer.Metrics
	mapping    *mapping.Mapping
	ledger     trust.Observer
	deliveries *deliveries
	limits     limits
	answers    *answers
	telemetry  *metadata.TelemetryBuilder
	reporter   *receiverhelper.ObsReport
	bodies     sync.Pool
	tenants    *tenants
	signers    *signers
	// waiting counts the reports that pipelines have not answered for.
	waiting atomic.Int64
	passing sync.WaitGroup
	notices oncelog.Log
}

func newHandler(set receiver.Settings, cfg *Config, next consumer.Metrics) (*handler, error) {
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	reporter, err := receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID: set.ID, Transport: "http", ReceiverCreateSettings: set,
	})
	if err != nil {
		return nil, err
	}
	return &handler{
		config:     cfg,
		notices:    oncelog.Log{Logger: set.Logger},
		next:       next,
		mapping:    mapping.New(cfg.Stats),
		deliveries: newDeliveries(cfg.Idempotency, time.Now),
		limits:     newLimits(cfg.RateLimit, time.Now),
		answers:    newAnswers(telemetry),
		tenants:    newTenants(cfg.MaxInstallations, time.Now),
		signers:    newSigners(cfg.Signatures, cfg.Idempotency.Retention, time.Now),
		telemetry:  telemetry,
		reporter:   reporter,
		bodies:     sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}, nil
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer h.survive(w, r)
	switch {
	case r.URL.Path == h.config.Path && r.Method == http.MethodPost:
		if refused := h.accept(w, r); refused != nil {
			h.answers.refuse(w, r, refused)
			return
		}
		h.answers.accept(w, r)
	case r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		h.answers.explain(w, r, h.config.Path)
	case r.URL.Path == "/" && h.config.Path == "/":
		h.answers.refuseMethod(w, r, "GET, HEAD, POST")
	case r.URL.Path == "/":
		h.answers.refuseMethod(w, r, "GET, HEAD")
	case r.URL.Path == h.config.Path:
		h.answers.refuseMethod(w, r, http.MethodPost)
	default:
		h.answers.refuse(w, r, &refusal{status: http.StatusNotFound, reason: "nothing is here; GET / says what this endpoint is"})
	}
}

// accept takes one stat in, or says why not.
func (h *handler) accept(w http.ResponseWriter, r *http.Request) *refusal {
	if wait := h.limits.address(r.RemoteAddr); wait > 0 {
		return &refusal{http.StatusTooManyRequests, "too many requests; try again later", wait}
	}
	if refused := checkHeader(r, h.config.ServerConfig.MaxRequestBodySize); refused != nil {
		return refused
	}
	body := h.bodies.Get().(*bytes.Buffer)
	body.Reset()
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, h.config.ServerConfig.MaxRequestBodySize)); err != nil {
		h.bodies.Put(body)
		return unreadable(err)
	}
	d, refused := h.read(body)
	if refused == nil {
		refused = h.checkSignature(r, d)
	}
	if refused == nil {
		refused = h.admit(&d.stat)
	}
	if refused == nil {
		refused = h.bind(d)
	}
	if refused != nil {
		h.bodies.Put(body)
		return refused
	}
	key, tags := collect.CutTags(r.Header.Get(idempotencyKey))
	mapping.SetTags(d.metrics, tags)
	return h.once(h.context(r, d), d, key)
}

// context is what goes down the pipeline with a report: when to stop, and nothing of
// the client; the installation's id where an exporter is to route by it.
func (h *handler) context(r *http.Request, of *report) context.Context {
	ctx := context.Context(unaddressed{r.Context()})
	if key := h.config.MetadataKey; key != "" {
		ctx = client.NewContext(ctx, client.Info{Metadata: client.NewMetadata(map[string][]string{key: {of.stat.InstanceID}})})
	}
	return ctx
}

// report is a valid stat on its way.
type report struct {
	stat    collect.Stat
	metrics pmetric.Metrics
	dropped int
	body    *bytes.Buffer
	// signer is whose key signed it; nil for nobody's.
	signer *signature.Signer
}

// read makes a report of a body.
func (h *handler) read(body *bytes.Buffer) (*report, *refusal) {
	stat, err := collect.Decode(body.Bytes())
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, reason: err.Error()}
	}
	metrics, dropped, err := h.mapping.Metrics(stat, h.config.Unmapped)
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, reason: err.Error()}
	}
	return &report{stat: stat, metrics: metrics, dropped: dropped, body: body}, nil
}

// admit checks the limits. Only valid stats count: whoever sends anything else takes
// nobody's turn.
func (h *handler) admit(stat *collect.Stat) *refusal {
	if wait := h.limits.installation(stat.InstanceID); wait > 0 {
		return &refusal{http.StatusTooManyRequests, "too many reports from this installation; try again later", wait}
	}
	if wait := h.limits.total(); wait > 0 {
		return &refusal{http.StatusTooManyRequests, "too many reports; try again later", wait}
	}
	if !h.tenants.admit(stat.InstanceID) {
		return &refusal{status: http.StatusForbidden, reason: "this endpoint takes in the reports of another installation"}
	}
	return nil
}

// once passes a report on, unless one with its key already was. Its sender waits no longer than
// the pipeline may take, for whatever it is; one that has closed its side of the connection
// may still read the answer.
func (h *handler) once(ctx context.Context, report *report, key string) *refusal {
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.config.PipelineTimeout)
	defer cancel()
	if key == "" {
		return h.pass(ctx, patience, report, func(bool) {})
	}
	d := newDelivery(&report.stat, key)
	repeated, err := h.deliveries.begin(patience, d)
	switch {
	case err != nil:
		h.bodies.Put(report.body)
		return &refusal{http.StatusServiceUnavailable, "the same report is still under way; try again later", retryLater}
	case repeated:
		h.bodies.Put(report.body)
		h.telemetry.ReceiverCollectRepetitions.Add(ctx, 1)
		return nil
	}
	return h.pass(ctx, patience, report, func(accepted bool) { h.deliveries.end(d, accepted) })
}

// show tells the ledger what was accepted, unless an app put an error's text into it.
func (h *handler) show(report *report) {
	if _, failed := report.stat.Value.Get(mapping.ErrorKey); !failed {
		h.ledger.Received(report.body.Bytes())
	}
}

// noteHealth says when the pipeline begins to refuse stats, and when it ends.
func (h *handler) noteHealth(err error) {
	h.notices.Note(err != nil, "The pipeline refuses stats; their senders are told to try again, or not to when it is for good",
		"The pipeline accepts stats again", zap.Error(err))
}

// survive answers 500 when a request ends in a panic. What the panic says may be a stat's.
func (h *handler) survive(w http.ResponseWriter, r *http.Request) {
	switch failure := recover(); failure {
	case nil:
	case http.ErrAbortHandler:
		panic(failure)
	default:
		h.notices.Logger.Error("A request ended in a panic", zap.ByteString("stack", debug.Stack()))
		h.answers.refuse(w, r, &refusal{status: http.StatusInternalServerError, reason: "this endpoint has a fault"})
	}
}
