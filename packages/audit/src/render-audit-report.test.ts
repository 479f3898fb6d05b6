import { expect, it } from 'vitest';
import { renderAuditReport } from './render-audit-report.js';
import { chainOf, KEY, shelfStore } from './testing/chains.js';
import { verifyAudit } from './verify-audit.js';

it('says in one line that everything is intact', async () => {
  const store = shelfStore({ 'api-1': chainOf(3, 'api-1'), 'worker-1': chainOf(1, 'worker-1') });
  expect(renderAuditReport(await verifyAudit({ store, key: KEY }))).toBe(
    [
      'ok     api-1  3 events',
      'ok     worker-1  1 event',
      'The audit trail is intact: 4 events of 2 writers.',
      '',
    ].join('\n'),
  );
});

it('names the writer, the place and the kind of every fault', async () => {
  const cut = chainOf(5, 'worker-1');
  const store = shelfStore({
    'api-1': { events: chainOf(2, 'api-1').events, head: undefined },
    'worker-1': { ...cut, events: cut.events.slice(0, 3) },
  });
  expect(renderAuditReport(await verifyAudit({ store, key: KEY }))).toBe(
    [
      'FAULT  api-1  head: head_missing',
      '       There are 2 events, and no signed head.',
      '       There are events, and no signed head.',
      'FAULT  worker-1  event 3: tail_cut',
      '       Events 3 to 4 are missing at the end; the signed head says that there were 5 events.',
      '       The last events are missing: a signed head is beyond them.',
      'The audit trail is NOT intact: 2 chains at fault; 5 events of 2 writers read.',
      '',
    ].join('\n'),
  );
});

it('does not let the name of a writer steer the terminal', async () => {
  const name = 'a\u001b[2J\u202eb\nok     forged';
  const text = renderAuditReport(
    await verifyAudit({ store: shelfStore({ [name]: chainOf(1, 'x') }), key: KEY }),
  );
  expect(text).toMatch(/^FAULT {2}a\ufffd\[2J\ufffdb\ufffdok {5}forged {2}event 0: malformed\n/);
});
