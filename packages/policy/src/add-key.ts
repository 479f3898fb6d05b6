import { type Document, isMap, isSeq, parseDocument, stringify, type YAMLSeq } from 'yaml';
import { listed } from './listed.js';
import { parseSource } from './parse-source.js';
import { PolicyError, throwProblems } from './policy-error.js';
import { type Scope, TenantsSchema } from './tenants-schema.js';

export interface NewKey {
  readonly tenant: string;
  readonly keyId: string;
  /** Of `generateApiKey`. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
}

const FILE = 'tenants.yaml';

/**
 * Adds a key to a tenant in the text of a tenants.yaml; comments and order stay. Throws PolicyError when the tenant is not there, or
 * when what comes out would be no valid file (the id or the key occurs already, say).
 */
export function addKey(tenantsYaml: string, newKey: NewKey): string {
  const refuse = (path: string, reason: string) => new PolicyError('invalid', [{ file: FILE, path, reason }]);
  const document = parseDocument(tenantsYaml);
  if (document.errors[0] !== undefined) throw refuse('', document.errors[0].message);

  const { tenant } = newKey;
  const tenants = document.get('tenants');
  if (!isMap(tenants) || !isMap(tenants.get(tenant))) {
    const names = isMap(tenants) ? tenants.items.map(({ key }) => String(key)) : [];
    throw refuse('/tenants', `there is no tenant ${tenant}; there are: ${listed(names)}`);
  }
  const keys = document.getIn(['tenants', tenant, 'keys']);
  const isBlockList = isSeq(keys) && keys.flow !== true && keys.items.length > 0;
  const text = isBlockList ? insertAfter(tenantsYaml, keys, newKey) : rewrite(document, newKey);
  const parsed = parseSource({ file: FILE, text }, 'yaml', TenantsSchema);
  if (!parsed.ok) throwProblems('invalid', parsed.problems);
  return text;
}

/** Adds lines below the last key, and leaves every other character as it is. */
function insertAfter(text: string, keys: YAMLSeq, { keyId, sha256, scopes }: NewKey): string {
  const [start, end] = keys.range ?? [0, text.length];
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  const lines = [
    // Quoted where YAML would take the text for something else, as it would a hash that has digits only.
    `${indent}- id: ${stringify(keyId).trimEnd()}`,
    `${indent}  sha256: ${JSON.stringify(sha256)}`,
    `${indent}  scopes: [${scopes.join(', ')}]`,
  ];
  // What follows the last key on its line is its comment.
  const lineEnd = text[end - 1] === '\n' ? end - 1 : text.indexOf('\n', end);
  const at = lineEnd === -1 ? text.length : lineEnd;
  return `${text.slice(0, at)}\n${lines.join('\n')}${text.slice(at) || '\n'}`;
}

/** For a tenant that has no list to add to yet: spacing may change. */
function rewrite(document: Document, { tenant, keyId, sha256, scopes }: NewKey): string {
  const key = document.createNode({ id: keyId, sha256, scopes: [...scopes] });
  const scopesNode = key.get('scopes', true);
  if (isSeq(scopesNode)) scopesNode.flow = true;
  const path = ['tenants', tenant, 'keys'];
  const keys = document.getIn(path);
  if (isSeq(keys)) {
    // An empty list is written [], and would make the new key one long line.
    if (keys.items.length === 0) keys.flow = false;
    keys.add(key);
  } else {
    document.setIn(path, document.createNode([key]));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
