{{- /* The template of the pod, for either kind of object. */ -}}
{{- define "sweetspot.pod" -}}
metadata:
  annotations:
    # The server reads its settings once, so new settings need a new pod.
    checksum/config: {{ include "sweetspot.config" . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "sweetspot.selectorLabels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  serviceAccountName: {{ include "sweetspot.serviceAccountName" . }}
  # Calls in progress get server.drain_timeout; the rest is for closing the store.
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds | default (add (include "sweetspot.drainSeconds" .) 10) }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- range $name := list "imagePullSecrets" "initContainers" "nodeSelector" "tolerations" "affinity" }}
  {{- with index $.Values $name }}
  {{ $name }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- with include "sweetspot.topologySpread" . | trim }}
  topologySpreadConstraints:
    {{- . | nindent 4 }}
  {{- end }}
  containers:
    - name: sweetspot
      image: {{ include "sweetspot.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve]
      envFrom:
        - configMapRef:
            name: {{ include "sweetspot.fullname" . }}
        {{- with .Values.extraEnvFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if or .Values.database.existingSecret .Values.extraEnv }}
      env:
        {{- with .Values.database.existingSecret }}
        - name: SWEETSPOT__STORE
          valueFrom:
            secretKeyRef:
              name: {{ . }}
              key: {{ $.Values.database.secretKey }}
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
      ports:
        - name: grpc
          containerPort: 50051
        {{- if .Values.http.enabled }}
        - name: http
          containerPort: 8080
        {{- end }}
        - name: admin
          containerPort: 9464
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      startupProbe:
        httpGet: { path: /livez, port: admin }
        {{- toYaml .Values.startupProbe | nindent 8 }}
      livenessProbe:
        httpGet: { path: /livez, port: admin }
        {{- toYaml .Values.livenessProbe | nindent 8 }}
      readinessProbe:
        httpGet: { path: {{ ternary "/readyz" "/livez" .Values.requireModel }}, port: admin }
        {{- toYaml .Values.readinessProbe | nindent 8 }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /data
        {{- /* Folders, not single files by subPath: only folders receive a renewed certificate. */}}
        {{- range $folder, $secret := include "sweetspot.secrets" . | fromYaml }}
        - name: {{ $folder }}
          mountPath: /etc/sweetspot/{{ $folder }}
          readOnly: true
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with include "sweetspot.volumes" . | trim }}
  volumes:
    {{- . | nindent 4 }}
  {{- end }}
{{- end -}}
