/** One behaviour for every adapter: a table of scenarios, run over real servers by real clients. */
export { adapterSuite } from './suite.ts';
