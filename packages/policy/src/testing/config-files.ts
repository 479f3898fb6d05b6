import { hashApiKey } from '../api-key.js';

export const KEY = 'fh_test-key';

export const POLICY = `apiVersion: fumehood/v1
name: default
runtimes:
  python: {}
`;

export const TENANTS = `apiVersion: fumehood/v1
tenants:
  acme:
    policies: [default]
    keys:
      - id: acme-1
        sha256: ${hashApiKey(KEY)}
`;

/** A small good configuration, by file. */
export const GOOD_CONFIG = { 'tenants.yaml': TENANTS, 'policies/default.yaml': POLICY };
