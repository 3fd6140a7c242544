{{/*
Copyright The Headcount Authors
SPDX-License-Identifier: Apache-2.0
What every gateway's configuration has, and the site's own over it.
*/}}
{{- define "headcount.gateway" -}}
extensions:
  headcount:
    mode: "on"
    environment: {HEADCOUNT_MODE: mode, DO_NOT_TRACK: opt_out}
    endpoint: 127.0.0.1:55690
    storage: file_storage
  file_storage:
    directory: ${env:HEADCOUNT_STATE_DIR}
    create_directory: true
    directory_permissions: "0700"
    fsync: true
receivers:
  otlp:
    protocols:
      http: {endpoint: "0.0.0.0:4318"}
processors:
  memory_limiter: {check_interval: 1s, limit_mib: 200}
  installation: {storage: file_storage, consent: headcount}
  anonymizer: {storage: file_storage, consent: headcount}
exporters:
  collect:
    sending_queue: {storage: file_storage}
    storage: file_storage
    consent: headcount
service:
  extensions: [headcount, file_storage]
  telemetry: {metrics: {level: none}}
  pipelines:
    metrics: {receivers: [otlp], processors: [memory_limiter, installation, anonymizer], exporters: [collect]}
{{- end }}
