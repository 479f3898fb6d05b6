import { writeFileSync } from 'node:fs';
import { renderSeccomp } from '../hardening/seccomp/render-seccomp.js';
import { ARCHITECTURES } from '../hardening/seccomp/syscall-rule.js';

for (const architecture of ARCHITECTURES) {
  const file = new URL(`../../../../infra/seccomp/${architecture}.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(renderSeccomp(architecture), null, 2)}\n`);
}
