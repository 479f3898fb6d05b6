import { z } from 'zod';

/** One message of a build: a piece of its output, the image that came of it, or what went wrong. */
const BuildMessage = z.object({
  stream: z.string().optional(),
  error: z.string().optional(),
  aux: z.object({ ID: z.string().optional() }).optional(),
});

export type BuildEvent =
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'image'; readonly digest: string }
  | { readonly type: 'error'; readonly message: string };

/** A message longer than this is no build output. */
const MAX_MESSAGE_CHARS = 1_000_000;
/** A build may draw a progress bar without ever ending its line. */
const MAX_LINE_CHARS = 4_000;
// Colours and cursor movements that tools write, (ECMA-48, 5.4).
const ESCAPES = /\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu;

/** Reads the engine's stream of JSON messages, one a line, and puts the pieces of output together to lines. */
export async function* buildEvents(
  messages: AsyncIterable<Uint8Array>,
): AsyncGenerator<BuildEvent, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let output = '';
  for await (const chunk of messages) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_MESSAGE_CHARS) throw new Error('the engine sent a message without an end');
    for (const line of lines) {
      const message = parsed(line);
      if (message?.stream !== undefined) {
        const [complete, open] = outputLines(output + message.stream);
        output = open;
        yield* complete.map((text) => ({ type: 'line', line: text }) as const);
      }
      if (message?.aux?.ID !== undefined) yield { type: 'image', digest: message.aux.ID };
      if (message?.error !== undefined) yield { type: 'error', message: message.error };
    }
  }
  if (output.trim() !== '') yield { type: 'line', line: output };
}

function parsed(line: string): z.infer<typeof BuildMessage> | undefined {
  if (line.trim() === '') return undefined;
  try {
    return BuildMessage.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Complete lines without escapes and blank ends, and the piece after the last of them. */
function outputLines(text: string): readonly [lines: readonly string[], open: string] {
  const pieces = text.replace(ESCAPES, '').split(/\r\n|\n|\r/);
  const open = pieces.pop() ?? '';
  const lines = pieces.map((line) => line.trimEnd().slice(0, MAX_LINE_CHARS)).filter((line) => line !== '');
  return open.length > MAX_LINE_CHARS ? [[...lines, open.slice(0, MAX_LINE_CHARS)], ''] : [lines, open];
}
