import { Helper } from './src/request-path/helpers.ts';
const BUILT = new URL('./src/built-packages.ts', import.meta.url).href;
const load = new Helper(new URL('./src/request-path/load.ts', import.meta.url));
const setups = JSON.parse(process.argv[2]);
const servers = [];
for (const setup of setups) { const helper = new Helper(new URL('./src/request-path/server.ts', import.meta.url), { execArgv: ['--expose-gc', '--import', BUILT, ...(process.env.PROF && setup.tracking === process.env.PROF ? ['--cpu-prof', '--cpu-prof-dir=/tmp/w/prof', '--cpu-prof-interval=200'] : [])] }); const host: any = await helper.ask({ start: setup, url: 'http://127.0.0.1:9' }); servers.push({ helper, host, setup, cpu: [] as number[] }); }
const run = async (s: any, requests: number) => { await s.helper.ask({ begin: true }); await load.ask({ url: `http://127.0.0.1:${s.host.port}${s.host.path}`, load: { requests } }); const r: any = await s.helper.ask({ end: true, requests }); return r.answered / requests; };
for (const s of servers) await run(s, Number(process.env.W ?? 20000));
for (let b = 0; b < Number(process.env.B ?? 8); b++) for (const s of b % 2 ? [...servers].reverse() : servers) s.cpu.push(await run(s, Number(process.env.N ?? 4000)));
for (const s of servers) { const c = [...s.cpu].sort((a, b) => a - b); console.log(JSON.stringify(s.setup), 'median', c[c.length >> 1]!.toFixed(1), 'all', s.cpu.map((x: number) => x.toFixed(0)).join(' ')); }
if (process.env.PROF) for (const s of servers) (s.helper as any); 
process.exit();
