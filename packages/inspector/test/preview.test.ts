import { describe, expect, it } from 'vitest';
import type { Inspector } from '../src/index.ts';
import type { Preview } from '../src/page-contract.ts';
import { post, SIGN_UP, start } from './client.ts';
import { asJson, ask, call } from './page-client.ts';

async function withEvent(): Promise<Inspector> {
  const inspector = await start();
  const data = {
    item_name: 'Blue shoes',
    item_price: 40,
    items: [{ name: 'a' }, { name: 'b' }],
    nothing: null,
  };
  await post(inspector, { ...SIGN_UP, identity: { id: '1', email: 'jane@example.com', age: 25 }, data });
  return inspector;
}

const preview = (inspector: Inspector, template: string, seq = 1) =>
  ask<Preview>(inspector, 'preview', { template, seq });

describe('a template', () => {
  it.each([
    ['{{user.age}} {{ event.item_price }}', '25 40'],
    ['{{ user.email | upcase }}', 'JANE@EXAMPLE.COM'],
    ['{% for item in event.items %}{{ item.name }}{% endfor %}', 'ab'],
    ['{{ event.items.size }}{{ event.items.first.name }}{{ event.items[1].name }}', '2ab'],
    ['{% assign x = user.age | plus: 1 %}{{ x }}', '26'],
    ['{{ event.nothing }}', ''],
    ['no names', 'no names'],
    ['', ''],
  ])('shows what it becomes: %s', async (template, output) => {
    expect(await preview(await withEvent(), template)).toEqual({ output, undefinedNames: [], error: null });
  });

  it('tells all names that are not there, and renders the rest', async () => {
    const template =
      'Hi {{user.name}}, {% if event.vip %}{{ event.gift.name }}{% endif %}{{ event.items[7].name }}' +
      '{{ usr.age }} {{ user.age }}{{ user.name }}{{ user["first name"] }}{{ event[user.key] }}';
    const { output, undefinedNames, error } = await preview(await withEvent(), template);
    expect([output, error]).toEqual(['Hi ,  25', null]);
    const names = [
      'user.name',
      'event.vip',
      'event.gift.name',
      'event.items.7.name',
      'usr.age',
      'user.first name',
    ];
    expect(undefinedNames.toSorted()).toEqual([...names, 'user.key'].toSorted());
  });

  it('sees the person as they are now, and the event as it was', async () => {
    const inspector = await withEvent();
    await call(inspector, 'PUT', 'users/edit', { id: '1', changes: { age: 26 } });
    await call(inspector, 'PUT', 'users/reidentify', { id: '1', new_id: '2' });
    expect(await preview(inspector, '{{user.age}} {{user.id}}')).toMatchObject({ output: '26 2' });
    await call(inspector, 'POST', 'users/delete', { id: '2' });
    expect(await preview(inspector, '{{user.age}} {{user.id}}')).toMatchObject({ output: '25 1' });
  });

  it.each([
    ['{{ user.age', 'not closed'],
    ['{% nothing %}', 'nothing'],
    ['{% if user.age %}', 'not closed'],
    ['{{ user.age | nothing }}', 'nothing'],
  ])('tells what is wrong with it: %s', async (template, error) => {
    const result = await preview(await withEvent(), template);
    expect(result.error).toContain(error);
  });

  it.each(['include', 'render', 'layout', 'block'])('has no other templates: %s', async (tag) => {
    const { output, error } = await preview(await withEvent(), `{% ${tag} "/etc/passwd" %}`);
    expect(output).toBe('');
    expect(error).toContain('needs another template');
  });

  it('reaches nothing but the data', async () => {
    const template =
      '{{ user.constructor }}{{ user.__proto__ }}{{ event.items.constructor.constructor }}{{ process.env }}{{ this }}';
    expect(await preview(await withEvent(), template)).toMatchObject({ output: '', error: null });
  });

  it.each([
    [
      'nested loops',
      '{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}x{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['a huge range', '{% for a in (1..1000000000) %}x{% endfor %}'],
    ['doubling', `{% assign a = "xxxxxxxx" %}${'{% assign a = a | append: a %}'.repeat(60)}{{ a }}`],
    ['braces', '{{'.repeat(50_000)],
    ['deep nesting', '{% if user %}'.repeat(7_000)],
    ['a loop over its own output', `${'{% for i in (1..99) %}'.repeat(9)}x${'{% endfor %}'.repeat(9)}`],
  ])('that is a bomb of %s is ended, and everything else goes on', async (_what, template) => {
    const inspector = await withEvent();
    await preview(inspector, '{{user.age}}');
    const bomb = preview(inspector, template);
    // What comes meanwhile is answered before it: nothing here waits for the bomb.
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await post(inspector)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    const { error, output } = await bomb;
    expect(error).toBeTruthy();
    expect(output.length).toBeLessThan(300_000);
    expect(await preview(inspector, '{{user.age}}')).toMatchObject({ output: '25', error: null });
  });

  it('that outwits the limits of Liquid is ended with its thread', async () => {
    const inspector = await start();
    // It looks at them between outputs, and this is a single one.
    await post(inspector, { ...SIGN_UP, data: { text: 'a b '.repeat(200_000) } });
    const bomb = preview(inspector, `{{ event.text ${'| slugify '.repeat(5_000)}}}`);
    const next = preview(inspector, '{{ user.id }}');
    expect((await post(inspector)).status).toBe(200);
    expect(await bomb).toEqual({
      output: '',
      undefinedNames: [],
      error: expect.stringContaining('longer than'),
    });
    expect(await next).toMatchObject({ output: '1', error: null });
  });

  it('is rendered for many at once, one after the other, and not for too many', async () => {
    const inspector = await withEvent();
    const results = await Promise.all(Array.from({ length: 40 }, () => preview(inspector, '{{user.age}}')));
    const outputs = results.filter(({ error }) => error === null).map(({ output }) => output);
    expect(outputs.length).toBeGreaterThanOrEqual(20);
    expect(new Set(outputs)).toEqual(new Set(['25']));
    for (const { error } of results.filter(({ output }) => output === ''))
      expect(error).toContain('too many');
  });

  it('needs an event that is there', async () => {
    const response = await fetch(`${(await start()).url}/_/api/preview`, asJson({ template: '', seq: 1 }));
    expect([response.status, await response.json()]).toEqual([
      404,
      { message: expect.stringContaining('no such event') },
    ]);
  });

  it('does not hold up the end', async () => {
    const inspector = await withEvent();
    const bomb = fetch(
      `${inspector.url}/_/api/preview`,
      asJson({
        template: '{% for a in (1..9999) %}{% for b in (1..9999) %}x{% endfor %}{% endfor %}',
        seq: 1,
      }),
    );
    const failed = expect(bomb).rejects.toThrow();
    await inspector.close();
    await failed;
  });
});
