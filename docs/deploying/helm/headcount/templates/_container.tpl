{{/*
Copyright The Headcount Authors
SPDX-License-Identifier: Apache-2.0
What a gateway and a sidecar have in common. An application's chart includes headcount.sidecar, headcount.volumes and
headcount.volumeClaim with this chart's own values: include "headcount.sidecar" .Subcharts.headcount
*/}}
{{- define "headcount.name" -}}
{{ printf "%s-headcount" .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "headcount.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{- define "headcount.security" -}}
runAsNonRoot: true
{{- with .Values.user }}
runAsUser: {{ int64 . }}
runAsGroup: {{ int64 . }}
{{- end }}
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "headcount.claim" -}}
accessModes: [ReadWriteOnce]
{{- with .Values.storage.className }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests: {storage: {{ .Values.storage.size }}}
{{- end }}

{{- define "headcount.mounts" -}}
- {name: headcount-state, mountPath: /var/lib/headcount}
- {name: headcount-config, mountPath: /etc/headcount, readOnly: true}
{{- end }}

{{- /* One of the pod's init containers: it starts before the application, and ends after it. */}}
{{- define "headcount.sidecar" -}}
name: headcount
image: {{ include "headcount.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
restartPolicy: Always
args: [--config, {{ .Values.profile | quote }}, --config, "file:/etc/headcount/site.yaml"]
env:
  - {name: HEADCOUNT_STATE_DIR, value: /var/lib/headcount/state}
  {{- with .Values.database.secret }}
  - name: DATABASE_URL
    valueFrom:
      secretKeyRef: {name: {{ . }}, key: {{ $.Values.database.key }}}
  {{- end }}
resources: {{ toJson .Values.resources }}
securityContext:
  {{- include "headcount.security" . | nindent 2 }}
volumeMounts:
  {{- include "headcount.mounts" . | nindent 2 }}
{{- end }}

{{- /* The pod's volumes, beside the claim. */}}
{{- define "headcount.volumes" -}}
- name: headcount-config
  configMap: {name: {{ include "headcount.name" . }}}
{{- end }}

{{- /* One of the StatefulSet's claims: each replica keeps a state of its own. */}}
{{- define "headcount.volumeClaim" -}}
metadata:
  name: headcount-state
spec:
  {{- include "headcount.claim" . | nindent 2 }}
{{- end }}
