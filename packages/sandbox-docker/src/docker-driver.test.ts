import { DRIVER_CAPABILITIES, describeDriver } from '@fumehood/sandbox/testing';
import { dockerDriver } from './docker-driver.js';
import { BASE_IMAGE, ownContainers, profileOf, sandboxInit } from './testing/fixtures.js';

describeDriver('docker', () => dockerDriver({ initPath: sandboxInit() }), {
  runtimeProfile: await profileOf(BASE_IMAGE),
  capabilities: DRIVER_CAPABILITIES,
  leftovers: ownContainers,
});
