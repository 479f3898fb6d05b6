export { WORKER_VARIABLES } from './config.js';
