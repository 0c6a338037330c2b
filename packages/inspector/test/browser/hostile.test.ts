import { describe, expect, it } from 'vitest';
import { useBrowser, visit } from './visit.ts';

useBrowser();

const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>';
const NAMES: readonly (readonly [string, string])[] = [
  ['markup', MARKUP],
  ['an attribute that ends early', `" onmouseover="alert(1)" x="`],
  ['a template', '{{constructor.constructor("alert(1)")()}}'],
  ['a link', 'javascript:alert(1)'],
  ['text that turns around', '\u202Egnp.exe\u202C\u0000\u001b[31m'],
  ['250 characters without a space', 'x'.repeat(250)],
  ['a name of the language', '__proto__'],
];
const VIEWS = ['feed', 'people', 'chart', 'templates', 'triggers', 'faults'];

describe('hostile input', () => {
  it('would not run even if it got into the page, and these tests would notice', async () => {
    const { page, problems } = await visit();
    await page.evaluate((markup) => {
      document.body.innerHTML += markup;
    }, MARKUP);
    await expect.poll(() => problems.join()).toContain('Content Security Policy');
    expect(problems.splice(0).join()).not.toContain('dialog');
  });

  it.each(NAMES)('shows as text, and runs nothing, when it is %s', async (_what, hostile) => {
    const here = await visit();
    const { page, send, call, goTo } = here;
    const identity = JSON.parse(
      `{"id":${JSON.stringify(hostile)},${JSON.stringify(hostile)}:${JSON.stringify(hostile)}}`,
    );
    const status = await send(hostile, { identity, data: identity, extras: { source: hostile } });
    expect(status).toBe(200);
    await call('PUT', 'users/tags/edit', { id: hostile, add: [hostile] });
    await send(hostile, { identity: { id: '' }, data: identity });
    await here.row('refused').waitFor();
    const before = await page.evaluate(() => document.querySelectorAll('img, script').length);
    for (const view of VIEWS) {
      await goTo(`#/${view}`);
      await page.getByRole('heading', { level: 1, name: view }).waitFor({ state: 'attached' });
    }
    await goTo(
      `#/triggers?did=${encodeURIComponent(hostile)}&not=${encodeURIComponent(`not ${MARKUP}`)}&days=0`,
    );
    await page.locator('.figures').waitFor();
    await goTo(`#/people/${encodeURIComponent(hostile)}`);
    await page.locator('.attributes').waitFor();
    await goTo(`#/feed?event=${encodeURIComponent(hostile)}&text=${encodeURIComponent(hostile)}&seq=1`);
    await page.locator('.payload').waitFor();
    await expect
      .poll(() => page.locator('.payload').textContent())
      .toContain(JSON.stringify(hostile).slice(1, -1));
    await expect.poll(() => page.locator('.detail h2').textContent()).toBe(hostile);
    expect(await page.evaluate(() => document.querySelectorAll('img, script').length)).toBe(before);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(1280);
  });

  it('with half of a character in an id hides nobody', async () => {
    const { page, send, goTo, row } = await visit();
    await send('whole', { identity: { id: 'somebody' } });
    await send('half', { identity: { id: 'x\ud83d' } });
    await row('half').click();
    await page.locator('.payload').waitFor();
    await goTo('#/templates');
    await page.getByLabel('Template in Liquid').fill('{{user.id}}');
    await expect.poll(() => page.locator('.rendered').textContent()).toBe('x\ufffd');
    await goTo('#/people');
    await page.getByRole('link', { name: 'somebody' }).waitFor();
    await page.getByRole('link', { name: 'x\ufffd' }).click();
    await page.locator('.attributes').waitFor();
  });

  it('shows as text when a template gives it', async () => {
    const { page, send, goTo } = await visit();
    await send('hostile', { identity: { id: '1', name: MARKUP } });
    await goTo('#/templates');
    await page.getByLabel('Template in Liquid').fill(`{{user.name}} ${MARKUP} {{user.<b>}} {{user.missing}}`);
    await page.locator('.problem, .rendered:not(:empty)').first().waitFor();
    await page.getByLabel('Template in Liquid').fill(`{{user.name}} ${MARKUP} {{user.missing}}`);
    await expect.poll(() => page.locator('.rendered').textContent()).toBe(`${MARKUP} ${MARKUP} `);
    await expect.poll(() => page.locator('.rendered *, .editor-marks *:not(mark)').count()).toBe(0);
  });

  it('of 100,000 keys, or deep down, leaves the page usable', async () => {
    const { page, send, row } = await visit({ inspector: { maxBodyBytes: 5_000_000 } });
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key_${index}`, index]));
    let deep: object = { bottom: true };
    for (let level = 0; level < 400; level += 1) deep = { deep };
    await send('many_keys', { data: keys });
    await send('deep', { data: deep });
    for (const name of ['many_keys', 'deep']) {
      await row(name).click();
      await page.locator('.detail', { hasText: name }).locator('.payload').waitFor();
      await page.keyboard.press('Escape');
    }
    await expect.poll(() => page.locator('.row').count()).toBe(2);
  });

  it('in the address shows a page all the same', async () => {
    const { page, goTo, send } = await visit({ hash: '#/people/%E0%A4%A' });
    await send('signed_up');
    await page.getByRole('heading', { name: 'Not here' }).waitFor();
    await goTo('#/nowhere/at?all=%%%');
    await page.getByRole('heading', { level: 1, name: 'Feed' }).waitFor({ state: 'attached' });
  });
});
