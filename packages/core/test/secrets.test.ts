import { describe, expect, it } from 'vitest';
import { buildTrackPayload } from '../src/index.ts';

const send = (attributes: object, allowAttributes?: readonly string[]) => {
  const { id: _, ...sent } = buildTrackPayload(
    { name: 'n', identity: { id: '1', ...attributes } },
    { authToken: 'tok_secret_filter', allowAttributes },
  ).identity;
  return sent;
};

describe('identity attributes that look like secrets', () => {
  it.each([
    'creditcard',
    'creditcardnumber',
    'debitcard',
    'credit_card_number',
    'cardbrand',
    'passwordsalt',
    'passworddigest',
    'tokenvalue',
    'sshKey',
    'securityAnswer',
    'verification_code',
    'resetCode',
    'pincode',
    'authorization',
    'cookie',
    'password',
    'Password',
    'PASSWORD',
    'passwords',
    'password_hash',
    'passwordHash',
    'encryptedPassword',
    'password-digest',
    'resetPasswordExpires',
    'passwd',
    'pwd',
    'passphrase',
    'hash',
    'pwHash',
    'salt',
    'password.salt',
    'secret',
    'clientSecret',
    'twoFactorSecrets',
    'token',
    'resetToken',
    'refresh_tokens',
    'accesstoken',
    'oauth2Token',
    'APIToken',
    'jwt',
    'otp',
    'totp',
    'mfa',
    '2fa',
    'pin',
    'credentials',
    'apiKey',
    'apikey',
    'API_KEY',
    'api_keys',
    'secretkey',
    'accessKeyId',
    'private key',
    'sessionId',
    'sessionid',
    'recoveryCodes',
    'csrf',
    'ssn',
    'cvv',
    'cvc2',
    'card',
    'cardNumber',
    'card_last4',
    'creditCard',
    'cardholder_name',
  ])('leaves out %s', (name) => {
    expect(send({ [name]: 'x', plan: 'pro' })).toStrictEqual({ plan: 'pro' });
  });

  it.each([
    'plan',
    'name',
    'pinned',
    'pinterest_url',
    'salty_snacks_bought',
    'salary_band',
    'business',
    'hashtag',
    'hashtags',
    'hashed',
    'tokenized',
    'tokenization_plan',
    'secretary',
    'cardiologist',
    'cardboard_boxes',
    'postcard_sent',
    'discarded_items',
    'passport_country',
    'season_pass',
    'key_account',
    'keyboard',
    'session_count',
    'access_level',
    'private_profile',
    'shipping',
    'opinion',
    'spinning_class',
    'optimizer',
    'signed_up_at',
  ])('sends %s', (name) => {
    expect(send({ [name]: 'x' })).toStrictEqual({ [name]: 'x' });
  });

  it('leaves them out at any depth, and keeps what is beside them', () => {
    const auth = { token: 'x', provider: 'google', keys: [{ apiKey: 'x', label: 'ci' }] };
    expect(send({ auth })).toStrictEqual({ auth: { provider: 'google', keys: [{ label: 'ci' }] } });
  });

  it('does not even read them', () => {
    const identity = {
      id: '1',
      get password(): string {
        throw new Error('read');
      },
    };
    const { identity: sent } = buildTrackPayload({ name: 'n', identity }, { authToken: 'tok_secret_filter' });
    expect(sent).toStrictEqual({ id: '1' });
  });

  it('sends those that are listed in allowAttributes, and only those', () => {
    expect(
      send({ loyalty_card: 'gold', token: 'x', nested: { loyalty_card: 'silver' } }, ['loyalty_card']),
    ).toStrictEqual({
      loyalty_card: 'gold',
      nested: { loyalty_card: 'silver' },
    });
  });

  it('leaves event data alone: that is what its caller wrote down', () => {
    const event = { name: 'n', identity: { id: '1' }, data: { token: 'bus', card: 'gift' } };
    expect(buildTrackPayload(event, { authToken: 'tok_secret_filter' }).data).toEqual({
      token: 'bus',
      card: 'gift',
    });
  });
});
