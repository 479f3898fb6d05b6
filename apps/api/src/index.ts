export { API_VARIABLES } from './config.js';
export { buildServer } from './server.js';
export {
  type ApiServer,
  DEFAULT_SERVER_OPTIONS,
  type ServerDeps,
  type ServerOptions,
} from './server-deps.js';
