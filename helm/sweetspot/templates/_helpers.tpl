{{- define "sweetspot.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- /* At most 52 characters: a StatefulSet adds a hash of 10 and a hyphen to it for a label of its pods. */ -}}
{{- define "sweetspot.fullname" -}}
{{- $name := include "sweetspot.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- /* The only labels of pods and claims: they never change, so that a new version of the chart alone restarts no pod. */ -}}
{{- define "sweetspot.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sweetspot.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- /* Metadata of an object, from a dict of root, and optionally suffix, namespace, labels and annotations. */ -}}
{{- define "sweetspot.metadata" -}}
name: {{ include "sweetspot.fullname" .root }}{{ .suffix | default "" }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "sweetspot.selectorLabels" .root | nindent 2 }}
  app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "sweetspot.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "sweetspot.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- /* The secret with the key of the owner; empty without authentication. */ -}}
{{- define "sweetspot.ownerKeySecret" -}}
{{- if .Values.auth.required -}}
{{- .Values.auth.existingSecret | default (printf "%s-owner-key" (include "sweetspot.fullname" .)) -}}
{{- end -}}
{{- end -}}

{{- define "sweetspot.image" -}}
{{- with .Values.image -}}
{{- .repository -}}{{- if .digest -}}@{{ .digest }}{{- else -}}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The seconds of a duration such as 1m30s: templates cannot parse one, but can add it to a date. */ -}}
{{- define "sweetspot.drainSeconds" -}}
{{- toDate "2006-01-02T15:04:05Z07:00" "1970-01-01T00:00:00Z" | dateModify .Values.settings.server.drain_timeout | unixEpoch -}}
{{- end -}}

{{- /* The environment of the server. */ -}}
{{- define "sweetspot.config" -}}
{{- if .Values.database.existingSecret }}
SWEETSPOT__SERVER__MODEL_CACHE: /data/cache
{{- else }}
SWEETSPOT__STORE: /data/store
{{- end }}
SWEETSPOT__SERVER__LISTEN: "{{ .Values.listenAddress }}:50051"
SWEETSPOT__SERVER__ADMIN_LISTEN: "{{ .Values.listenAddress }}:9464"
{{- if .Values.http.enabled }}
SWEETSPOT__SERVER__HTTP_LISTEN: "{{ .Values.listenAddress }}:8080"
{{- end }}
{{- /* With TLS and keys, the server accepts calls from other machines without this permission. */}}
SWEETSPOT__SERVER__ALLOW_REMOTE: {{ not (and .Values.tls.secretName .Values.auth.required) | quote }}
{{- if .Values.auth.required }}
SWEETSPOT__AUTH__REQUIRED: "true"
SWEETSPOT__AUTH__OWNER_KEY_FILE: /etc/sweetspot/auth/owner-key
{{- end }}
{{- if .Values.tls.secretName }}
SWEETSPOT__TLS__CERTIFICATE_FILE: /etc/sweetspot/tls/tls.crt
SWEETSPOT__TLS__KEY_FILE: /etc/sweetspot/tls/tls.key
{{- end }}
{{- if .Values.tls.clientCaSecretName }}
SWEETSPOT__TLS__CLIENT_CA_FILE: /etc/sweetspot/client-ca/ca.crt
{{- end }}
{{- range $section, $settings := .Values.settings }}
{{- range $name, $value := $settings }}
{{- /* Without int64, a large number would be written as 5e+06. */}}
SWEETSPOT__{{ upper $section }}__{{ upper $name }}: {{ ternary (int64 $value) $value (kindIs "float64" $value) | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The secrets that are mounted, as a dict of the folder under /etc/sweetspot and the name. */ -}}
{{- define "sweetspot.secrets" -}}
{{- with include "sweetspot.ownerKeySecret" . }}
auth: {{ . }}
{{- end }}
{{- with .Values.tls.secretName }}
tls: {{ . }}
{{- end }}
{{- with .Values.tls.clientCaSecretName }}
client-ca: {{ . }}
{{- end }}
{{- with .Values.database.caSecretName }}
database-ca: {{ . }}
{{- end }}
{{- end -}}

{{- /* By default, several servers are on different nodes and in different zones, as far as there are any. */ -}}
{{- define "sweetspot.topologySpread" -}}
{{- if .Values.topologySpreadConstraints }}
{{- toYaml .Values.topologySpreadConstraints }}
{{- else if gt (int .Values.replicaCount) 1 }}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "sweetspot.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "sweetspot.volumes" -}}
{{- with .Values.persistence }}
{{- if $.Values.database.existingSecret }}
- name: data
  emptyDir:
    sizeLimit: {{ $.Values.database.cacheSize }}
{{- else if not .enabled }}
- name: data
  emptyDir:
    sizeLimit: {{ .size }}
{{- else if .existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ .existingClaim }}
{{- end }}
{{- end }}
{{- range $folder, $secret := include "sweetspot.secrets" . | fromYaml }}
- name: {{ $folder }}
  secret:
    secretName: {{ $secret }}
    defaultMode: 0440
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
