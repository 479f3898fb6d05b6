import { badResponse } from './parse-answer.js';

/** One server-sent event, as the standard has it: `id` is the last one seen, `retryMs` comes with no data. */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

export interface SseParser {
  /** Takes the next bytes, cut anywhere; gives the messages that are now complete. Throws `bad_response` past the bound. */
  push(chunk: Uint8Array): SseMessage[];
  /** The pause before reconnecting that the server has asked for, in milliseconds. */
  readonly retryMs: number | undefined;
}

/** Parses text/event-stream (https://html.spec.whatwg.org/multipage/server-sent-events.html), bounded to so many characters an event. */
export function sseParser(maxEventLength: number): SseParser {
  // Decodes without failing: bad bytes become U+FFFD, as the standard wants. A byte-order mark at the start is dropped.
  const decoder = new TextDecoder('utf-8');
  let lineParts: string[] = [];
  let data: string[] = [];
  let event = '';
  let id = '';
  let length = 0;
  let afterCarriageReturn = false;
  let retryMs: number | undefined;

  function takeLine(line: string): SseMessage | undefined {
    if (line === '') return dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value);
    return undefined;
  }

  function dispatch(): SseMessage | undefined {
    const message =
      data.length === 0 ? undefined : { event: event === '' ? 'message' : event, data: data.join('\n'), id };
    data = [];
    event = '';
    length = 0;
    return message;
  }

  return {
    get retryMs() {
      return retryMs;
    },
    push(chunk) {
      const text = decoder.decode(chunk, { stream: true });
      const messages: SseMessage[] = [];
      let from = 0;
      for (const match of text.matchAll(/\r\n|\r|\n/g)) {
        const isRestOfLineEnd = afterCarriageReturn && match.index === 0 && match[0] === '\n';
        afterCarriageReturn = false;
        if (!isRestOfLineEnd) {
          const line = lineParts.join('') + text.slice(from, match.index);
          lineParts = [];
          length += match.index - from;
          const message = takeLine(line);
          if (message !== undefined) messages.push(message);
        }
        from = match.index + match[0].length;
      }
      if (text !== '') afterCarriageReturn = text.endsWith('\r');
      if (from < text.length) {
        lineParts.push(text.slice(from));
        length += text.length - from;
      }
      if (length > maxEventLength)
        throw badResponse(`An event of the stream is longer than ${maxEventLength} characters.`);
      return messages;
    },
  };
}
