/** What docs/comparison.md says of it, as far as it can be caused: fails when a new version does otherwise. */
import { TrackClient } from 'customerio-node';
import { describe, expect, test } from 'vitest';
import { type StandIn, standIn } from '../stand-in.ts';
import { A_SECOND_MS, BUSY_FOR_A_SECOND, CREDENTIAL, OK, UNAVAILABLE, waited } from './peer.ts';

describe('customerio-node', () => {
  const customerio = ({ url }: StandIn) =>
    new TrackClient('site', CREDENTIAL, { url, retry: { minTimeoutMs: 1 } });

  test('tries again by itself, and heeds Retry-After', async () => {
    const service = await standIn(BUSY_FOR_A_SECOND, UNAVAILABLE, OK);
    await customerio(service).track('42', { name: 'add_to_cart' });
    expect(service.requests).toHaveLength(3);
    expect(waited(service)).toBeGreaterThanOrEqual(A_SECOND_MS);
    expect(service.requests[0]?.url).toBe('/customers/42/events');
    expect(service.requests[0]?.headers.authorization).toBe(`Basic ${btoa(`site:${CREDENTIAL}`)}`);
  });

  test('throws into its caller when the user is missing, and for data that JSON cannot say', async () => {
    const client = customerio(await standIn());
    expect(() => client.track('', { name: 'add_to_cart' })).toThrow('customerId');
    expect(() => client.track('42', { name: 'add_to_cart', data: { price: 40n } })).toThrow('BigInt');
  });

  test('follows a redirect with the event, and elsewhere without the credential', async () => {
    const elsewhere = await standIn();
    const service = await standIn({ status: 302, headers: { location: `${elsewhere.url}/elsewhere` } });
    await customerio(service).track('42', { name: 'add_to_cart' });
    expect(elsewhere.requests).toMatchObject([{ method: 'POST', body: '{"name":"add_to_cart"}' }]);
    expect(elsewhere.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('rejects after four attempts, and at once when it was refused', async () => {
    const away = await standIn(UNAVAILABLE);
    await expect(customerio(away).track('42', { name: 'add_to_cart' })).rejects.toMatchObject({
      statusCode: 503,
    });
    expect(away.requests).toHaveLength(4);
    const refusing = await standIn({ status: 400 });
    await expect(customerio(refusing).track('42', { name: 'add_to_cart' })).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(refusing.requests).toHaveLength(1);
  });
});
