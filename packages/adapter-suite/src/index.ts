/**
 * One behaviour for every adapter: a table of scenarios, run over real servers by real clients. A *host* serves them with
 * one framework; this is what one is made of. `withApp` is for what a framework has of its own.
 */
export { message, sendAll, withApp } from './app.ts';
export { listening } from './hosts/listening.ts';
export { adapterOptions, applied, declarationOptions, httpRequest, isBodiless } from './hosts/neutral.ts';
export {
  type Facts,
  type Host,
  Refusal,
  type RunningHost,
  type Scenario,
  Streamed,
  type User,
  userOf,
} from './scenario.ts';
export { adapterSuite } from './suite.ts';
