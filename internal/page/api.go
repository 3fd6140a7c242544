// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/trust"
)

// routes are the page and the JSON API under it; docs/extension.md describes them.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.HandleFunc("POST /switch", s.serveForm)
	mux.HandleFunc("GET /api/v1/status", s.withToken(func(w http.ResponseWriter, _ *http.Request, trusted bool) {
		answer(w, http.StatusOK, s.status(trusted))
	}))
	mux.HandleFunc("GET /api/v1/fields", s.withToken(func(w http.ResponseWriter, _ *http.Request, trusted bool) {
		answer(w, http.StatusOK, s.fields(trusted))
	}))
	mux.HandleFunc("GET /api/v1/ledger", s.withToken(func(w http.ResponseWriter, _ *http.Request, trusted bool) {
		s.download(w, trusted)
	}))
	mux.HandleFunc("POST /api/v1/switch", s.withToken(s.serveSwitch))
	return mux
}

// withToken answers 401 to a wrong token; whether there is none is for handle to judge.
func (s *Server) withToken(handle func(w http.ResponseWriter, r *http.Request, trusted bool)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		offered := bearer(r)
		if offered == "" {
			offered = r.URL.Query().Get("token")
		}
		if offered != "" && !s.token.opens(offered) {
			refuse(w, http.StatusUnauthorized, "this token is not the one in the newest start-up log")
			return
		}
		handle(w, r, offered != "")
	}
}

// servePage answers 304 while nothing has changed that the reader has seen.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	offered := query.Get("token")
	trusted := s.token.opens(offered)
	minute := time.Now().UTC().Truncate(time.Minute) // "in 3 days" grows old as well
	tag := fmt.Sprintf(`"%s-%d-%d-%t"`, s.document.start, s.content.Changes(), minute.Unix(), trusted)
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	v := s.view(trusted, query.Get("before"), time.Now())
	v.Expired = offered != "" && !trusted
	if trusted {
		v.Token = offered
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	s.document.write(w, v)
}

// serveForm turns the switch for a reader without script.
func (s *Server) serveForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		http.Error(w, "This is not the page's form.", http.StatusBadRequest)
		return
	}
	if !s.token.opens(r.PostForm.Get("token")) {
		http.Error(w, "The switch needs the page's address from the newest start-up log.", http.StatusForbidden)
		return
	}
	if status, err := s.turn(r.Context(), r.PostForm.Get("mode")); err != nil {
		http.Error(w, err.Error(), status)
		return
	}
	w.Header().Set("Location", "/?token="+url.QueryEscape(string(s.token)))
	w.WriteHeader(http.StatusSeeOther)
}

// serveSwitch turns the switch for a program.
func (s *Server) serveSwitch(w http.ResponseWriter, r *http.Request, _ bool) {
	if bearer(r) == "" {
		refuse(w, http.StatusUnauthorized, "the switch needs the start-up log's token as Authorization: Bearer TOKEN")
		return
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, `write {"mode": "off"} as application/json`)
		return
	}
	var wanted struct {
		Mode string `json:"mode"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxFormBytes))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		refuse(w, http.StatusBadRequest, `write {"mode": "off"}, local or on`)
		return
	}
	if status, err := s.turn(r.Context(), wanted.Mode); err != nil {
		refuse(w, status, err.Error())
		return
	}
	answer(w, http.StatusOK, s.status(true))
}

// turn makes a choice on the page hold; a reader who goes away does not cut it short.
func (s *Server) turn(ctx context.Context, wanted string) (status int, err error) {
	mode, err := trust.ParseMode(wanted)
	if err != nil {
		return http.StatusBadRequest, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
	defer cancel()
	err = s.content.Consent.Choose(ctx, mode, time.Now())
	switch {
	case errors.Is(err, consent.ErrNotAllowed):
		return http.StatusConflict, err
	case err != nil:
		return http.StatusInternalServerError, err
	default:
		return http.StatusOK, nil
	}
}

// download writes the ledger as JSON Lines, oldest first.
func (s *Server) download(w http.ResponseWriter, trusted bool) {
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Content-Disposition", `attachment; filename="headcount-ledger.jsonl"`)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, e := range s.content.Ledger.Snapshot() {
		if lines.Encode(reportOf(e, trusted)) != nil {
			return // the reader has gone
		}
	}
}

func answer(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	lines := json.NewEncoder(w)
	lines.SetIndent("", "  ")
	_ = lines.Encode(content) // the reader has gone
}

func refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, struct {
		Error string `json:"error"`
	}{why})
}
