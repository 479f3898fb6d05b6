import { SANDBOX_HOSTNAME } from './identity.js';

/**
 * Files that every sandbox has, whatever its image brings. Each sandbox gets copies of its own: two sandboxes that share a file on the host
 * could signal to each other with locks on it.
 */
export const ETC_FILES: Readonly<Record<'/etc/hosts' | '/etc/resolv.conf', string>> = {
  '/etc/hosts': `127.0.0.1 localhost ${SANDBOX_HOSTNAME}\n::1 localhost ip6-localhost\n`,
  // Nobody listens there unless the sandbox has a door; without one, a lookup is refused at once instead of timing out.
  '/etc/resolv.conf': 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n',
};
