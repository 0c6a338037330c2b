// #region verify
import { createRemoteJWKSet, jwtVerify } from 'jose';

export interface TokenUser {
  readonly id: string;
  readonly email: string | undefined;
}

// https://….auth0.com/.well-known/jwks.json, for example; fetched when the first token comes, and kept.
const keys = createRemoteJWKSet(new URL(process.env.JWKS_URL ?? ''));

const rules = {
  algorithms: ['ES256'],
  issuer: 'https://id.shop.example',
  audience: 'https://api.shop.example',
  requiredClaims: ['sub', 'exp'],
};

/** Whose token it is, if its signature, its issuer, its audience and its age are right. */
export async function userOf(authorization: string | undefined): Promise<TokenUser | undefined> {
  const token = authorization?.match(/^Bearer (.+)$/i)?.[1];
  if (token === undefined) return undefined;
  try {
    const { payload } = await jwtVerify<{ sub: string; email?: string }>(token, keys, rules);
    return { id: payload.sub, email: payload.email };
  } catch {
    return undefined;
  }
}
// #endregion
