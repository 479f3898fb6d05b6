export { CLI_VARIABLES } from './config.js';
