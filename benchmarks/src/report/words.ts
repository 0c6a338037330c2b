/** What the report says whatever was measured. */

export const WHAT_IT_IS = `# Benchmarks

What tracking costs, beside the clients that people would pick instead and beside what can be written by hand. All numbers
come from one program, [\`benchmarks/\`](../benchmarks), which writes this page and its charts. [How to read
it](#how-to-read-it), and [on what it was measured](#the-machine), stand at the end.

\`\`\`sh
npx --yes pnpm@12 install
npx --yes pnpm@12 bench                  # everything: builds the packages, then takes most of an hour
npx --yes pnpm@12 bench delivery memory  # some suites; the others stay as they were measured last
npx --yes pnpm@12 bench --report         # only this page, from the results that are kept
npx --yes pnpm@12 bench --quick          # whether everything runs; it measures nothing and leaves this page alone
\`\`\`

Results are kept in \`benchmarks/results/\`. Close whatever else wants a core: the program says when the machine is busy.`;

export const TRIAL = '**A trial of the program. These numbers mean nothing.**';

export const HOW_TO_READ = `## How to read it
- **Figures are medians, with the least and the most of the rounds in brackets.** Each round measures everything once, and
  begins with another contestant, so that whatever the machine does meanwhile falls on all. Each contestant is a process of its
  own, new in each round, which warms up first. Ratios are of medians from the same run: they carry over to other machines better than
  absolute figures do.
- **Everything is on one machine.** Server and client share its cores, and loopback has no latency and no TLS. A network
  costs everybody the same on top, and makes the differences smaller; a slow answer makes them vanish in events a second,
  but not in CPU.
- **The server is a stand-in** in a process of its own, as bare as \`node:http\` allows: it reads the request, waits, answers as
  Vero does, and counts. Every measurement checks the count, and a client that loses or doubles an event ends the run.
- **One process of one client** is measured. At low rates CPU per event holds what a process does anyway (timers, compiling,
  garbage collection), shared by few events.
- **CPU of the process** is that of all its threads (\`process.cpuUsage\`): with garbage collection, compression and a worker
  thread. **CPU of the main thread** (\`process.threadCpuUsage\`) is what the application's requests have to share.
- **All send the same event**: a name, an identity with three attributes and data with five, about 300 bytes as Vero takes it,
  of another user and another item each time. What a call takes is made before it is measured.
- **Peers are used as their documentation says,** with their defaults. They do other things: Segment, PostHog and RudderStack
  send batches to services of their own from memory, which ends with the process (RudderStack can have them in Redis instead).
  \`@getvero/tracking\` has no queue: its call is the request, without a retry, with the key in the URL, and without attributes
  other than the e-mail address. [What each does](comparison.md), with its versions.
  What is written by hand has no queue, no retry and no accounting either.
- **Ours do all that they do in production:** validation, copying, ids, the queue, leases, accounting, timeouts.`;
