/** What every command finds in its environment, whatever the image says. /workspace is its directory and /tmp its other writable one. */
const BASE_ENV: Readonly<Record<string, string>> = Object.freeze({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/workspace',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
});

/** The environment of a command: the base, the runtime's over it, the request's over both. */
export function commandEnv(
  runtimeEnv: Readonly<Record<string, string>>,
  requestEnv: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...BASE_ENV, ...runtimeEnv, ...requestEnv };
}
