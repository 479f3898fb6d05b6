export { type FakeDriverOptions, fakeDriver } from '../fake/fake-driver.js';
export { DRIVER_CAPABILITIES, type DriverCapability, type DriverContract } from './bench.js';
export { describeDriver } from './describe-driver.js';
