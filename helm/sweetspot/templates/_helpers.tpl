{{- define "sweetspot.name" -}}
{{- .Values.nameOverride | default .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- /* The seconds of a duration such as 1m30s: templates cannot parse one, but can add it to a date. */ -}}
{{- define "sweetspot.drainSeconds" -}}
{{- toDate "2006-01-02T15:04:05Z07:00" "1970-01-01T00:00:00Z" | dateModify .Values.settings.server.drain_timeout | unixEpoch -}}
{{- end -}}

{{- define "sweetspot.selector" -}}
app.kubernetes.io/name: sweetspot
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sweetspot.labels" -}}
{{ include "sweetspot.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "sweetspot.image" -}}
{{- if .Values.imageDigest -}}
{{ .Values.imageRepository }}@{{ .Values.imageDigest }}
{{- else -}}
{{ .Values.imageRepository }}:{{ .Values.imageTag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "sweetspot.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "sweetspot.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}
