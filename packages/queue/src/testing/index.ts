export { type RedisProcess, startRedis } from './start-redis.js';
