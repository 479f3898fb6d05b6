/**
 * Who a job is, and where its things are, in every sandbox. The user id is numeric and needs no entry in the image; it owns
 * nothing there but the two tmpfs folders.
 */
export const SANDBOX_UID = 10_001;
export const SANDBOX_GID = 10_001;

/** The same for all, so that it tells nothing of the host. */
export const SANDBOX_HOSTNAME = 'sandbox';

export const WORKSPACE_PATH = '/workspace';

/** Where sandbox-init is mounted, read-only. It is PID 1 and is given no arguments. */
export const INIT_MOUNT_PATH = '/.fumehood/init';
