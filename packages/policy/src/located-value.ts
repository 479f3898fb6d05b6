import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  parseDocument,
  visit,
} from 'yaml';

/** A one-based place in a text. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** A document's value, and where its parts stand in the text. */
export interface Located {
  readonly value: unknown;
  /** The place of a value, or of its key; for what is absent, of the nearest part around it. */
  locate(path: readonly PropertyKey[], part?: 'value' | 'key'): Position | undefined;
}

/** Why a text is no document at all. */
export interface Unreadable {
  readonly faults: readonly { readonly reason: string; readonly position?: Position }[];
}

/** Far more than any document here has. The YAML composer recurses, and must not be led to the end of the stack. */
const MAX_DEPTH = 32;
/** Bounds what anchors and aliases can blow a small text up to. */
const MAX_ALIASES = 100;

/** Reads YAML 1.2 (core schema), with duplicate keys, `__proto__`, unknown tags, alias bombs and deep nesting refused. */
export function readYaml(text: string): Located | Unreadable {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (nestingDepth(tokens) > MAX_DEPTH)
    return { faults: [{ reason: `is nested deeper than ${MAX_DEPTH} levels` }] };

  // Key uniqueness is checked below: the library compares every key with every other.
  const document = parseDocument(text, {
    uniqueKeys: false,
    stringKeys: true,
    resolveKnownTags: false,
    prettyErrors: false,
  });
  const faults: { reason: string; position: Position }[] = [...document.errors, ...document.warnings].map(
    (fault) => ({
      reason:
        fault.code === 'MULTIPLE_DOCS' ? 'holds more than one document; use a file for each' : fault.message,
      position: at(fault.pos[0]),
    }),
  );
  visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const position = at(key.range?.[0] ?? 0);
        if (key.value === '__proto__') faults.push({ reason: 'the key "__proto__" is refused', position });
        if (seen.has(key.value))
          faults.push({ reason: `the key ${JSON.stringify(key.value)} occurs twice`, position });
        seen.add(key.value);
      }
    },
  });
  if (faults.length > 0) return { faults };

  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { faults: [{ reason: error.message }] };
  }

  const locate: Located['locate'] = (path, part = 'value') => {
    let node: unknown = document.contents;
    let best: Node | undefined = isNode(node) ? node : undefined;
    for (const [index, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(document);
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
        if (pair === undefined) break;
        const wantsKey = (part === 'key' && index === path.length - 1) || !isNode(pair.value);
        if (wantsKey && isNode(pair.key)) best = pair.key;
        else if (isNode(pair.value)) best = pair.value;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(step)];
        if (isNode(node)) best = node;
      } else break;
    }
    return best?.range == null ? undefined : at(best.range[0]);
  };
  return { value, locate };
}

/** Reads JSON. Its places come from reading it once more as YAML, of which it is a part. */
export function readJson(text: string): Located | Unreadable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const offset = /at position (\d+)/.exec(error.message)?.[1];
    const reason = `is not JSON: ${error.message.replace(/ in JSON at position \d+.*| at position \d+.*/s, '')}`;
    return {
      faults: [offset === undefined ? { reason } : { reason, position: positionIn(text, Number(offset)) }],
    };
  }
  const located = readYaml(text);
  // Duplicate keys and __proto__ are refused here too; what YAML alone dislikes (tabs) only costs the places.
  if (!('faults' in located)) return { value, locate: located.locate };
  const faults = located.faults.filter(({ reason }) => reason.startsWith('the key'));
  return faults.length > 0 ? { faults } : { value, locate: () => undefined };
}

function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Depth of the deepest value, found without recursion. */
function nestingDepth(roots: readonly unknown[]): number {
  let deepest = 0;
  const open = roots.map((token): { token: unknown; depth: number } => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    deepest = Math.max(deepest, depth);
    if (typeof token !== 'object' || token === null) continue;
    if ('type' in token && token.type === 'document' && 'value' in token)
      open.push({ token: token.value, depth });
    if ('items' in token && Array.isArray(token.items)) {
      for (const { key, value } of token.items)
        open.push({ token: key, depth: depth + 1 }, { token: value, depth: depth + 1 });
    }
  }
  return deepest;
}
