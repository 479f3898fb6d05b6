// A process that appends events until it is killed, and says each sequence number once its append has resolved.
import { openAuditLog } from '../audit-log.js';
import { fileAuditStore } from '../file-audit-store.js';
import { entry, KEY, WRITER } from './chains.js';

const [dir = ''] = process.argv.slice(2);
const log = await openAuditLog({ store: fileAuditStore(dir), writer: WRITER, key: KEY });
for (;;) {
  const burst = [log.append(entry('a')), log.append(entry('b'))];
  for (const appended of burst) process.stdout.write(`${(await appended).sequence}\n`);
}
