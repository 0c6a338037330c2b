import '../src/vitest.ts';
import { defineEvents, event } from '@verotrack/core';
import { describe, expect, it } from 'vitest';
import { recordVero } from '../src/index.ts';

const jane = { id: '42', email: 'jane@example.com' };

/** What a failing assertion says. */
function messageOf(assertion: () => void): string {
  try {
    assertion();
  } catch (thrown) {
    return (thrown as Error).message;
  }
  throw new Error('it did not fail');
}

describe('the matchers', () => {
  it('pass where what was tracked is as expected', () => {
    const recorder = recordVero();
    expect(recorder).toHaveTrackedNothing();
    recorder.track('add_to_cart', { identity: jane, data: { item_name: 'hat' } });
    recorder.track('add_to_cart', { identity: jane, data: { item_name: 'shoes' } });
    expect(recorder).toHaveTracked('add_to_cart');
    expect(recorder).toHaveTracked('add_to_cart', { identity: { id: '42' }, data: { item_name: 'hat' } });
    expect(recorder).toHaveTracked('add_to_cart', { data: { item_name: expect.stringMatching(/^s/) } });
    expect(recorder).toHaveTrackedTimes('add_to_cart', 2);
    expect(recorder).toHaveTrackedTimes('add_to_cart', 1, { data: { item_name: 'hat' } });
    expect(recorder).toHaveTrackedTimes('logged_out', 0);
    expect(recorder).not.toHaveTracked('logged_out');
    expect(recorder).not.toHaveTrackedTimes('add_to_cart', 1);
    expect(recorder).not.toHaveTrackedNothing();
  });

  it('say nothing of what has not happened while work is open', async () => {
    const recorder = recordVero();
    const end = Promise.withResolvers<void>();
    const work = recorder.run({ identity: jane }, async () => {
      recorder.track('first');
      await end.promise;
    });
    expect(recorder).toHaveTracked('first');
    expect(recorder).not.toHaveTrackedNothing();
    for (const early of [
      () => expect(recorder).not.toHaveTracked('second'),
      () => expect(recorder).toHaveTrackedTimes('first', 1),
      () => expect(recorder).not.toHaveTrackedTimes('first', 2),
    ]) {
      expect(early).toThrow(/1 request or scope is still open: await recorder\.flushRequests\(\) first/);
    }
    end.resolve();
    await work;
    await recorder.flushRequests();
    expect(recorder).not.toHaveTracked('second');
    expect(recorder).toHaveTrackedTimes('first', 1);
  });

  it('refuse a name that is not in the catalogue, of which no `not` could ever fail', () => {
    const recorder = recordVero({ events: defineEvents({ logged_out: event() }) });
    expect(() => expect(recorder).not.toHaveTracked('loged_out' as never)).toThrow(
      'toHaveTracked: event "loged_out" is not in the catalogue. Did you mean "logged_out"?',
    );
    expect(() => recorder.assertTrackedTimes('x' as never, 0)).toThrow(
      'assertTrackedTimes: event "x" is not in the catalogue',
    );
  });

  it('take recorders only', () => {
    expect(() => expect({}).toHaveTracked('n')).toThrow(
      'toHaveTracked: expect(…) must be given a recorder that recordVero made',
    );
    expect(() => expect(undefined).toHaveTrackedNothing()).toThrow('toHaveTrackedNothing: expect(…)');
  });
});

describe('what a failing test says', () => {
  it('has the differences of events of that name, then the others', () => {
    const recorder = recordVero();
    recorder.track('viewed_cart', { identity: jane });
    recorder.track('add_to_cart', { identity: { id: '41' }, data: { item_name: 'hat', price: 25 } });
    recorder.track('add_to_cart', { identity: jane, data: { item_name: 'shoes' } });
    expect(
      messageOf(() =>
        expect(recorder).toHaveTracked('add_to_cart', { identity: { id: '42' }, data: { item_name: 'hat' } }),
      ),
    ).toMatchInlineSnapshot(`
      "expected to be tracked:
        add_to_cart { identity: { id: '42' }, data: { item_name: 'hat' } }

      3 events were tracked:
        add_to_cart by 41 { item_name: 'hat', price: 25 }
          identity.id: expected '42', was '41'
        add_to_cart by 42 { item_name: 'shoes' }
          data.item_name: expected 'hat', was 'shoes'
        viewed_cart by 42"
    `);
  });

  it('says that nothing was tracked, and why', () => {
    const recorder = recordVero();
    recorder.track('add_to_cart', { data: { item_name: 'hat' } });
    recorder.track('logged_out', { identity: { id: '' } });
    expect(messageOf(() => expect(recorder).toHaveTracked('add_to_cart'))).toMatchInlineSnapshot(`
      "expected to be tracked:
        add_to_cart

      nothing was tracked

      not tracked:
        add_to_cart: skipped: no-identity
        logged_out: invalid: identity.id: is an empty string; it must be a string that is not empty, or a finite number"
    `);
  });

  it('has a hint for a misspelt name, and for a request that is still open', async () => {
    const recorder = recordVero();
    const end = Promise.withResolvers<void>();
    const work = recorder.run({ identity: jane }, async () => {
      recorder.track('add_to_cart');
      await end.promise;
    });
    expect(messageOf(() => expect(recorder).toHaveTracked('add_to_crt'))).toMatchInlineSnapshot(`
      "expected to be tracked:
        add_to_crt

      1 event was tracked:
        add_to_cart by 42

      1 request or scope is still open: await recorder.flushRequests() first
      Did you mean "add_to_cart"?"
    `);
    end.resolve();
    await work;
  });

  it('has how often something was expected', () => {
    const recorder = recordVero();
    recorder.track('n', { identity: jane, data: { n: 1 } });
    recorder.track('n', { identity: jane, data: { n: 2 } });
    expect(
      messageOf(() => expect(recorder).toHaveTrackedTimes('n', 2, { data: { n: 1 } })),
    ).toMatchInlineSnapshot(`
      "expected to be tracked 2 times:
        n { data: { n: 1 } }

      2 events were tracked:
        n by 42 { n: 1 }
          as expected
        n by 42 { n: 2 }
          data.n: expected 1, was 2"
    `);
  });

  it('has what was tracked where nothing was to be', () => {
    const recorder = recordVero();
    recorder.track('n', { identity: jane });
    expect(messageOf(() => expect(recorder).toHaveTrackedNothing())).toMatchInlineSnapshot(`
      "expected nothing to be tracked

      1 event was tracked:
        n by 42"
    `);
    expect(messageOf(() => expect(recorder).not.toHaveTracked('n'))).toMatchInlineSnapshot(`
      "expected not to be tracked:
        n

      1 event was tracked:
        n by 42"
    `);
  });

  it('is a screen, however much was tracked', () => {
    const recorder = recordVero();
    for (let n = 0; n < 100; n++) {
      recorder.track('n', {
        identity: jane,
        data: { n, text: 'x'.repeat(10_000), list: Array(1_000).fill(n) },
      });
      recorder.track('skipped');
    }
    const message = messageOf(() => expect(recorder).toHaveTracked('n', { data: { n: -1, text: 'y' } }));
    const lines = message.split('\n');
    expect(lines.length).toBeLessThan(45);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(220);
    expect(message).toContain('and 92 more');
  });
});
