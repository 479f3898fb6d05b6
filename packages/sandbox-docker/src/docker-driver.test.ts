import { DRIVER_CAPABILITIES, describeDriver } from '@fumehood/sandbox/testing';
import { dockerApi } from './api/docker-api.js';
import { dockerDriver } from './docker-driver.js';
import { DEFAULT_SOCKET_PATH } from './engine/docker-facts.js';
import { leaseOf, SANDBOX_LABEL } from './lease/labels.js';
import { currentOwner } from './lease/owner.js';
import { BASE_IMAGE, profileOf, sandboxInit } from './testing/fixtures.js';

/** Containers of this very process. */
async function leftovers(): Promise<readonly string[]> {
  const containers = await dockerApi(DEFAULT_SOCKET_PATH).list(SANDBOX_LABEL);
  return containers.filter(({ Labels }) => leaseOf(Labels).owner === currentOwner()).map(({ Id }) => Id);
}

describeDriver('docker', () => dockerDriver({ initPath: sandboxInit() }), {
  runtimeProfile: await profileOf(BASE_IMAGE),
  capabilities: DRIVER_CAPABILITIES,
  leftovers,
});
