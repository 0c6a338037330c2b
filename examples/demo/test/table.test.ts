import { createVero } from '@verotrack/core';
import { startShop } from '@verotrack/example-express-shop';
import { events, identity } from '@verotrack/example-shop';
import { type Inspector, startInspector } from '@verotrack/inspector';
import { describe, expect, it } from 'vitest';
import type { OpenShop } from '../src/shops.ts';
import { compare, formatTable, type Row } from '../src/table.ts';
import { visit } from '../src/visit.ts';

const signUp: Row = ['express', 'POST /signup', '201', 'signed_up by user 1'];
const logIn: Row = ['express', 'POST /login', '200', 'logged_in by user 1'];

describe('the table', () => {
  it('has a line for each row, in columns', () => {
    expect(formatTable([signUp, logIn])).toBe(
      [
        'framework  request       answer  what Vero received, or why nothing',
        '---------  ------------  ------  ----------------------------------',
        'express    POST /signup  201     signed_up by user 1',
        'express    POST /login   200     logged_in by user 1',
      ].join('\n'),
    );
  });
});

describe('comparing the table with what is expected', () => {
  it('finds nothing when they are the same', () => {
    expect(compare([signUp, logIn], [signUp, logIn])).toEqual([]);
  });

  it.each<[what: string, is: Row]>([
    ['another answer', ['express', 'POST /login', '500', 'logged_in by user 1']],
    ['another event', ['express', 'POST /login', '200', 'signed_up by user 1']],
    ['another user', ['express', 'POST /login', '200', 'logged_in by user 2']],
    ['another reason', ['express', 'POST /login', '200', 'no logged_in: failure']],
    ['an event too many', ['express', 'POST /login', '200', 'logged_in by user 1; logged_in by user 1']],
    ['no event', ['express', 'POST /login', '200', '']],
  ])('names the row with %s', (_what, is) => {
    expect(compare([signUp, is], [signUp, logIn])).toEqual([
      `Row 2 is wrong.\n  it is:     ${is.join(' | ')}\n  should be: ${logIn.join(' | ')}`,
    ]);
  });

  it('names a row that is missing, and one that should not be there', () => {
    expect(compare([signUp], [signUp, logIn])).toEqual([expect.stringMatching(/^Row 2.*no such row/s)]);
    expect(compare([signUp, logIn], [signUp])).toEqual([expect.stringMatching(/^Row 2.*no such row/s)]);
  });
});

describe('a visit', () => {
  it('shows nothing for an event that Vero took and lost', async () => {
    const [first] = await visitExpress((inspector) => inspector.failNext({ status: 200 }));

    expect(first).toEqual(['express', 'POST /signup', '201', '']);
  });

  it('shows that Vero refused an event', async () => {
    const [first] = await visitExpress((inspector) => inspector.failNext({ status: 400 }));

    expect(first).toEqual(['express', 'POST /signup', '201', 'no signed_up: rejected']);
  });
});

async function visitExpress(prepare: (inspector: Inspector) => void): Promise<readonly Row[]> {
  const inspector = await startInspector();
  prepare(inspector);
  const vero = createVero({
    events,
    identity,
    authToken: 'tok_secret_visit',
    baseUrl: inspector.url,
    source: 'express',
  });
  const { url, close } = await startShop({ vero });
  const shop: OpenShop = {
    framework: 'express',
    url,
    vero,
    close: async () => {
      await close();
      await vero.close();
    },
  };
  try {
    return await visit(shop, inspector);
  } finally {
    await inspector.close();
  }
}
