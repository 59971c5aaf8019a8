/** Sets of values with which the chart is checked. */

export const chart = 'deploy/helm/armature';

export type Values = { env: Record<string, string>; [name: string]: unknown };

/** The least that has to be chosen. */
export const least: Values = {
  image: { repository: 'registry.example.com/armature' },
  existingSecret: 'armature',
  existingMigrationSecret: 'armature-migration',
  env: {
    ARMATURE_URL: 'https://armature.example.com',
    TEMPORAL_ADDRESS: 'temporal-frontend.temporal:7233',
  },
};

/** Temporal Cloud behind a client certificate, everything optional turned on. */
export const most: Values = {
  ...least,
  image: { repository: 'registry.example.com/armature', tag: '0.1.0-1', pullPolicy: 'Always' },
  imagePullSecrets: [{ name: 'registry' }],
  env: {
    ARMATURE_URL: 'https://armature.example.com',
    ARMATURE_INSTALLATION: 'blue',
    ARMATURE_MODELS: '/etc/armature/models/models.yaml',
    ARMATURE_RUN_CONCURRENCY: '60',
    TEMPORAL_ADDRESS: 'team.a1b2c.tmprl.cloud:7233',
    TEMPORAL_NAMESPACE: 'team.a1b2c',
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_CA: '/etc/armature/temporal/ca.crt',
    TEMPORAL_TLS_CERT: '/etc/armature/temporal/tls.crt',
    TEMPORAL_TLS_SERVER_NAME: 'team.a1b2c.tmprl.cloud',
  },
  files: [
    { secret: 'temporal-client', path: '/etc/armature/temporal' },
    { configMap: 'armature-models', path: '/etc/armature/models' },
  ],
  workers: { runs: { replicas: 4 }, checks: { replicas: 1 }, system: { replicas: 1 } },
  autoscaling: { enabled: true, authentication: 'temporal-cloud', runs: { min: 1, max: 20, backlog: 10 } },
  ingress: {
    enabled: true,
    className: 'nginx',
    host: 'armature.example.com',
    tlsSecret: 'armature-tls',
    annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '12m' },
  },
  networkPolicy: {
    enabled: true,
    ingressFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }],
    egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] }],
  },
  serviceAccount: { annotations: { 'example.com/role': 'armature' } },
  podAnnotations: { 'example.com/team': 'platform' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'armature', effect: 'NoSchedule' }],
  affinity: {},
};

/** As little as possible of what is optional. */
export const bare: Values = {
  ...least,
  api: { replicas: 1 },
  migration: { enabled: false },
  networkPolicy: { enabled: false },
  podDisruptionBudget: { enabled: false },
};
