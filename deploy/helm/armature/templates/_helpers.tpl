{{- define "armature.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "armature.labels" -}}
app.kubernetes.io/name: armature
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* Of one component: a dict of `root` and `component`. */ -}}
{{- define "armature.selector" -}}
app.kubernetes.io/name: armature
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- /* The name under which workers and KEDA know a queue: a dict of `root` and `queue`. */ -}}
{{- define "armature.queue" -}}
{{- with (.root.Values.env).ARMATURE_INSTALLATION }}{{ . }}-{{ end }}{{ .queue -}}
{{- end -}}

{{- define "armature.podSpec" -}}
serviceAccountName: {{ include "armature.name" . }}
automountServiceAccountToken: false
# A process that is number 1 can't end itself by SIGKILL, as one that hangs does.
shareProcessNamespace: true
securityContext:
  runAsNonRoot: true
  # The user `node` of the image.
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: {}
  {{- range $index, $file := .Values.files }}
  - name: files-{{ $index }}
    {{- if $file.secret }}
    secret: { secretName: {{ $file.secret | quote }} }
    {{- else }}
    configMap: { name: {{ $file.configMap | quote }} }
    {{- end }}
  {{- end }}
{{- end -}}

{{- /* What every container has. */ -}}
{{- define "armature.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  {{- range $index, $file := .Values.files }}
  - { name: files-{{ $index }}, mountPath: {{ $file.path | quote }}, readOnly: true }
  {{- end }}
{{- end -}}

{{- /* The variables of `env`, without those that a component decides itself: a dict of `root` and `without`. */ -}}
{{- define "armature.env" -}}
{{- range $name, $value := .root.Values.env }}
{{- if not (has $name $.without) }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}
{{- end -}}
